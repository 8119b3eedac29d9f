import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '../testing/is-root.ts';
import { waitFor } from '../testing/wait-for.ts';

/**
 * What the container has, beside what is usual: clocks that begin elsewhere (time_namespaces(7)), little memory,
 * few descriptors, signals that are ignored as with nohup(1).
 */
export type Surrounding = 'usual' | 'other clocks' | 'little memory' | 'few descriptors' | 'ignored signals';

const hierarchy = '/sys/fs/cgroup/memory';

/** Which of them can be had here; those that need root are left out where this is not root. */
export const availableSurroundings: readonly Surrounding[] = [
  'usual',
  'few descriptors',
  'ignored signals',
  ...(isRoot && existsSync('/proc/self/timens_offsets') ? (['other clocks'] as const) : []),
  ...(isRoot && existsSync(join(hierarchy, 'memory.limit_in_bytes')) ? (['little memory'] as const) : []),
];

/** In MiB: room for the orchestrator and everything that a plan draws, but not for a task that eats more. */
export const memoryLimitMib = 256;

export interface Place {
  /** What to put before the command. */
  readonly prefix: readonly string[];
  /** Waits for the end of whoever is in it. */
  leave(): Promise<void>;
}

const nowhere = async () => {};

/** Makes such surroundings for one task. */
export function enterSurrounding(surrounding: Surrounding, id: string): Place {
  switch (surrounding) {
    case 'usual':
      return { prefix: [], leave: nowhere };
    case 'other clocks':
      return {
        prefix: ['unshare', '--time', '--monotonic=700000000', '--boottime=700000000', '--'],
        leave: nowhere,
      };
    case 'few descriptors':
      return { prefix: ['prlimit', '--nofile=48:48', '--'], leave: nowhere };
    case 'ignored signals':
      return { prefix: ['sh', '-c', 'trap "" HUP USR1; exec "$@"', 'sh'], leave: nowhere };
    case 'little memory':
      return littleMemory(id);
  }
}

function littleMemory(id: string): Place {
  const directory = join(hierarchy, `torture-${id}`);
  mkdirSync(directory);
  writeFileSync(join(directory, 'memory.limit_in_bytes'), String(memoryLimitMib * 2 ** 20));
  return {
    prefix: ['sh', '-c', `echo $$ > ${directory}/cgroup.procs && exec "$@"`, 'sh'],
    leave: async () => {
      await waitFor(`an empty ${directory}`, () => isRemoved(directory));
    },
  };
}

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
