import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** A fault of a cluster, as shell commands. Each may use the parameters: `$1`, `$2` and so on. */
export interface HeldFault {
  readonly begin: string;
  /** Is executed even if only a part of `begin` could be. */
  readonly end: string;
  readonly parameters: readonly string[];
}

/** What the commands of a fault share with a process. */
type Share = 'net' | 'mount' | 'pid';

/** The input of this script ends when its writer ends. */
const script = ({ begin, end }: HeldFault) => `
begin() {
  ${begin}
}
end() {
  trap - EXIT
  ${end}
}
trap 'end "$@"' EXIT
begin "$@"
echo held
read -r _ || :
end "$@"`;

/**
 * Begins a fault. It ends when it is disposed of, or when this process ends, even by SIGKILL. Its commands run in their
 * own session, so a terminal's Ctrl+C does not reach them.
 *
 * @param pid of a process whose namespaces they are in
 * @throws Error with their output if the fault cannot begin or end
 */
export async function holdFault(
  fault: HeldFault,
  pid: number,
  shares: readonly Share[] = ['net'],
): Promise<AsyncDisposable> {
  const command = ['sh', '-ec', script(fault), 'sh', ...fault.parameters];
  const namespaces = shares.map((name) => `--${name}`);
  const child = spawn('nsenter', [`--target=${pid}`, ...namespaces, '--', ...command], {
    detached: true,
    stdio: 'pipe',
  });
  const errors = text(child.stderr);
  const exited = once(child, 'exit');
  const requireSuccess = async () => {
    const [status] = await exited;
    if (status !== 0) throw new Error(`the commands of a fault ended with ${status}: ${await errors}`);
  };
  await Promise.race([once(child.stdout, 'data'), requireSuccess()]);
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await requireSuccess();
    },
  };
}
