import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { emulated, executable } from './executable.ts';
import { commandPrefix, generations, type Life, type Surroundings } from './pid-namespace.ts';
import { childrenOf, processesWith } from './proc.ts';
import { waitFor } from './wait-for.ts';

/** Debian 12's qemu refuses PR_SET_CHILD_SUBREAPER, so that a task can be run by PID 1 only. */
const usualLife: Life = emulated ? 'pid 1' : 'ordinary';

export interface RunOptions extends Partial<Surroundings> {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A command that ends in executing its arguments, put before the orchestrator's. */
  readonly through?: readonly string[];
  /** The program to run; the built executable unless said otherwise. */
  readonly program?: string;
  /** Descriptor numbers or 'pipe'; pipes that are not read are for the test to read, or not. */
  readonly stdout?: 'read' | 'unread' | number;
  readonly stderr?: 'read' | 'unread' | number;
  /** What may appear in no output. */
  readonly secrets?: readonly string[];
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that a test started; it and all it left behind are killed when the test has finished. */
export interface Run {
  /** The orchestrator's own pid as this test sees it. */
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when the process has ended and its output is complete. @throws Error if a secret shows in it */
  readonly ended: Promise<Ended>;
  signal(signal: NodeJS.Signals | number): void;
  /** Waits for a match in stdout. @throws Error with all output if the process ends before */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** The URL of its health server, once it listens. */
  healthUrl(): Promise<string>;
  /** Those that it started and that are still there, as the test sees them. */
  survivors(): number[];
  /** Lets unread pipes flow. */
  readOutput(): void;
  /** Closes the pipes that are read. */
  closeOutput(): void;
}

const outputLimitMs = 5000;

/** Starts the orchestrator with these arguments. */
export async function runOrchestrator(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { life = usualLife, through = [], program = executable, secrets = [] } = options;
  const marker = `ACCEPTANCE_RUN=${randomUUID()}`;
  const [file = '', ...rest] = [...(await commandPrefix({ ...options, life })), ...through, program, ...args];
  const stdio = [options.stdout, options.stderr].map((way) => (typeof way === 'number' ? way : 'pipe'));
  const child = spawn(file, rest, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, ...options.env, ...Object.fromEntries([marker.split('=')]) },
    stdio: ['ignore', ...stdio],
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const closed = once(child, 'close');
  const output = { stdout: '', stderr: '' };
  const read = (name: 'stdout' | 'stderr') =>
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  for (const name of ['stdout', 'stderr'] as const) if (options[name] !== 'unread') read(name);
  let over = false;
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    // What dies may have forked just before.
    for (let left = processesWith(marker); left.length > 0; left = processesWith(marker)) {
      for (const pid of left) kill(pid, 'SIGKILL');
      await pause(5);
    }
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
  const ended = exited.then(async ([status, signal]) => {
    await Promise.race([closed, pause(outputLimitMs)]);
    over = true;
    for (const secret of secrets) {
      if ((output.stdout + output.stderr).includes(secret)) throw new Error(`${secret} is in the output`);
    }
    return { status, signal };
  });
  ended.catch(() => {});
  await once(child, 'spawn');
  const pid = await findProgram(child.pid ?? 0, generations[life], () => over);

  const run: Run = {
    pid,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    ended,
    signal: (signal) => kill(pid, signal),
    async printed(pattern) {
      return waitFor(`${pattern} in stdout`, () => {
        const match = pattern.exec(output.stdout);
        if (match === null && over) {
          throw new Error(`ended without ${pattern}:\n${output.stdout}\n${output.stderr}`);
        }
        return match ?? undefined;
      });
    },
    async healthUrl() {
      const [, port] = await run.printed(/server: new-server admin.*app\.address\S*:(\d+)/);
      return `http://127.0.0.1:${port}`;
    },
    survivors: () => processesWith(marker).filter((other) => other !== pid && other !== child.pid),
    readOutput() {
      for (const name of ['stdout', 'stderr'] as const) if (options[name] === 'unread') read(name);
    },
    closeOutput() {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
  };
  return run;
}

/** Runs it to its end. */
export async function runToEnd(
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }> {
  const run = await runOrchestrator(args, options);
  const { status, signal } = await run.ended;
  return { status, signal, stdout: run.stdout, stderr: run.stderr };
}

async function findProgram(pid: number, depth: number, over: () => boolean): Promise<number> {
  if (depth === 0) return pid;
  const child = await waitFor(`a child of ${pid}`, () => childrenOf(pid)[0] ?? (over() ? -1 : undefined));
  return child < 0 ? pid : findProgram(child, depth - 1, over);
}

function kill(pid: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
