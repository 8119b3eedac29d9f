import { buildFakeAgent } from './build-fake-agent.ts';
import { isRoot } from './is-root.ts';

/**
 * How a program lives: as a child of the test like any other process; as PID 1 of a PID namespace, as in a
 * container; or in such a namespace under an init, where nothing that it starts can outlive the test.
 */
export type Life = 'ordinary' | 'pid 1' | 'under an init';

export interface Surroundings {
  readonly life: Life;
  /** Files that stand over others, in a mount namespace: path of the file that is covered, and what covers it. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Shell commands that are run as root in the mount namespace before the program. */
  readonly prepare?: string;
}

/** Generations between the process that the returned command starts and the program itself. */
export const generations: Readonly<Record<Life, number>> = { ordinary: 0, 'pid 1': 1, 'under an init': 2 };

/** What to put before a command so that it runs in such surroundings; everything ends with the first process. */
export async function commandPrefix({ life, mounts = {}, prepare = '' }: Surroundings): Promise<string[]> {
  const bindings = Object.entries(mounts).map(([target, source]) => `mount --bind '${source}' '${target}'`);
  const commands = [...bindings, ...(prepare === '' ? [] : [prepare])];
  const options = [
    ...(isRoot ? [] : ['--user', '--map-root-user']),
    ...(life === 'ordinary' ? [] : ['--pid', '--fork', '--kill-child', '--mount-proc']),
    ...(commands.length === 0 ? [] : ['--mount']),
  ];
  return [
    ...(life === 'ordinary' && commands.length === 0 ? [] : ['unshare', ...options, '--']),
    ...(commands.length === 0 ? [] : ['sh', '-ec', `${commands.join(' && ')} && exec "$@"`, 'sh']),
    ...(life === 'under an init' ? [await buildFakeAgent(), 'init', 'exec'] : []),
  ];
}
