import { buildFakeAgent } from './build-fake-agent.ts';
import { isRoot } from './is-root.ts';

/**
 * How a program runs: as an ordinary child of this process; as PID 1 of a PID namespace, as in a container;
 * or in such a namespace under an init. In the last case, none of its processes can outlive the namespace.
 */
export type Life = 'ordinary' | 'pid 1' | 'under an init';

/** The namespaces that a program runs in. */
export interface Namespaces {
  readonly life: Life;
  /**
   * Files that are mounted over others in a mount namespace: the path of the covered file, and of the file
   * over it.
   */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Shell commands that are run as root in the mount namespace before the program. */
  readonly prepare?: string;
}

/** Generations between the process that the returned command starts and the program itself. */
export const generations: Readonly<Record<Life, number>> = { ordinary: 0, 'pid 1': 1, 'under an init': 2 };

/** The words to put before a command to run it in such namespaces. All processes end with the first one. */
export async function enterNamespaces({ life, mounts = {}, prepare = '' }: Namespaces): Promise<string[]> {
  const bindings = Object.entries(mounts).map(([target, source]) => `mount --bind '${source}' '${target}'`);
  const commands = [...bindings, ...(prepare === '' ? [] : [prepare])];
  const kinds = [
    ...(life === 'ordinary' ? [] : ['--pid', '--fork', '--kill-child', '--mount-proc']),
    ...(commands.length === 0 ? [] : ['--mount']),
  ];
  return [
    ...(kinds.length === 0 ? [] : unshare(...kinds)),
    ...(commands.length === 0 ? [] : ['sh', '-ec', `${commands.join(' && ')} && exec "$@"`, 'sh']),
    ...(life === 'under an init' ? [await buildFakeAgent(), 'init', 'exec'] : []),
  ];
}

/**
 * The words to put before a command to give it new namespaces. Without root, a user namespace is one of them.
 */
export function unshare(...kinds: readonly string[]): string[] {
  return ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), ...kinds, '--'];
}
