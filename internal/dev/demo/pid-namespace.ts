import { execa } from 'execa';
import { isRoot } from '../testing/is-root.ts';
import { commandPrefix } from '../testing/pid-namespace.ts';
import { childrenOf } from '../testing/proc.ts';

export interface PidNamespace {
  /** What comes before the command line to run; empty where there can be no namespace. */
  readonly prefix: readonly string[];
  /** For people: what the command line runs as. */
  readonly description: string;
}

/** Finds out whether a program may run as PID 1 here: containers and hardened machines forbid it. */
export async function findPidNamespace(): Promise<PidNamespace> {
  const prefix = await commandPrefix({ life: 'pid 1' });
  const [file = '', ...args] = prefix;
  const { failed } = await execa(file, [...args, 'true'], { reject: false, stdio: 'ignore' });
  if (failed) {
    return { prefix: [], description: 'a plain process (PID namespaces are not permitted here)' };
  }
  const user = isRoot ? '' : ' and a user namespace';
  return { prefix, description: `PID 1 of a PID namespace${user}` };
}

/**
 * The pid, out here, of the program that runs in the namespace.
 *
 * @param pid of the process that was started with the prefix
 */
export function findProgram(namespace: PidNamespace, pid: number): number {
  return namespace.prefix.length === 0 ? pid : (childrenOf(pid)[0] ?? pid);
}
