import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** The surroundings of a command. */
export interface CommandContext {
  readonly input?: Readable | string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Ends the command. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a command to its end.
 *
 * @returns its output
 * @throws Error with its stderr, or else its stdout, if it fails. Also the error of its input, or the signal's reason
 */
export async function runCommand(
  [program = '', ...args]: readonly string[],
  { input = '', ...options }: CommandContext = {},
): Promise<string> {
  const child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject).once('exit', (status, signal) => resolve(status ?? signal));
  });
  const source = typeof input === 'string' ? Readable.from([input]) : input;
  const fed = pipeline(source, child.stdin).catch((error: NodeJS.ErrnoException) => {
    // A command may end, or close its input, before it has read all.
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (!isOver && error.code !== 'EPIPE') throw error;
  });
  const [status, stdout, stderr] = await Promise.all([
    exited,
    text(child.stdout),
    text(child.stderr),
    fed,
  ]).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    throw error;
  });
  if (status === 0) return stdout;
  throw new Error(`${[program, ...args].join(' ')} ended with ${status}: ${(stderr || stdout).trim()}`);
}
