import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface DockerResult {
  /** The status of the docker command. For `run` it is the container's, unless it is 125 to 127. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a docker command to its end, whatever its status. */
export async function tryDocker(
  args: readonly string[],
  input?: NodeJS.ReadableStream | string,
): Promise<DockerResult> {
  const child = spawn('docker', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('exit', resolve);
  });
  child.stdin.on('error', () => {}); // A command that fails does not read to the end.
  if (input === undefined || typeof input === 'string') child.stdin.end(input);
  else input.pipe(child.stdin);
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { status, stdout, stderr };
}

/**
 * Runs a docker command.
 *
 * @returns its output without the last line feed
 * @throws Error with its stderr if it fails
 */
export async function docker(
  args: readonly string[],
  input?: NodeJS.ReadableStream | string,
): Promise<string> {
  const { status, stdout, stderr } = await tryDocker(args, input);
  if (status !== 0) throw new Error(`docker ${args.join(' ')} ended with ${status}: ${stderr.trim()}`);
  return stdout.trimEnd();
}
