import { buildFakeAgent } from './build-fake-agent.ts';
import { isRoot } from './is-root.ts';

/**
 * How a program lives: as a child of this process like any other; as PID 1 of a PID namespace, as in a container; or in
 * such a namespace under an init, where nothing that it starts can outlive it.
 */
export type Life = 'ordinary' | 'pid 1' | 'under an init';

/** The namespaces that a program runs in. */
export interface Namespaces {
  readonly life: Life;
  /** Files that stand over others, in a mount namespace: path of the file that is covered, and what covers it. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Shell commands that are run as root in the mount namespace before the program. */
  readonly prepare?: string;
}

/** Generations between the process that the returned command starts and the program itself. */
export const generations: Readonly<Record<Life, number>> = { ordinary: 0, 'pid 1': 1, 'under an init': 2 };

/** What to put before a command so that it runs in such namespaces; everything ends with the first process. */
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

/** What to put before a command that is to have namespaces of its own; without root, one for users with them. */
export function unshare(...kinds: readonly string[]): string[] {
  return ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), ...kinds, '--'];
}
