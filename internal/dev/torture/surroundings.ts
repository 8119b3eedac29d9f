import { existsSync } from 'node:fs';
import { canLimitMemory, limitMemory } from '../testing/cgroup.ts';
import { isRoot } from '../testing/is-root.ts';

/**
 * What the container has, beside what is usual: clocks that begin elsewhere (time_namespaces(7)), little memory,
 * few descriptors, signals that are ignored as with nohup(1).
 */
export type Surrounding = 'usual' | 'other clocks' | 'little memory' | 'few descriptors' | 'ignored signals';

/** Which of them can be had here; those that need root are left out where this is not root. */
export const availableSurroundings: readonly Surrounding[] = [
  'usual',
  'few descriptors',
  'ignored signals',
  ...(isRoot && existsSync('/proc/self/timens_offsets') ? (['other clocks'] as const) : []),
  ...(canLimitMemory ? (['little memory'] as const) : []),
];

/** In MiB: room for the orchestrator and everything that a plan draws, but not for a task that eats more. */
export const memoryLimitMib = 256;

/** Such surroundings for one task. When they are disposed of, they wait for the end of whoever is in them. */
export interface Enclosure extends AsyncDisposable {
  /** A command that ends in executing its arguments, to put before the task's. */
  readonly enter: readonly string[];
}

const placeOf = (enter: readonly string[]): Enclosure => ({ enter, [Symbol.asyncDispose]: async () => {} });

/** Makes such surroundings for one task. */
export function enterSurrounding(surrounding: Surrounding): Enclosure {
  switch (surrounding) {
    case 'usual':
      return placeOf([]);
    case 'other clocks':
      return placeOf(['unshare', '--time', '--monotonic=700000000', '--boottime=700000000', '--']);
    case 'few descriptors':
      return placeOf(['prlimit', '--nofile=48:48', '--']);
    case 'ignored signals':
      return placeOf(['sh', '-c', 'trap "" HUP USR1; exec "$@"', 'sh']);
    case 'little memory':
      return limitMemory(memoryLimitMib);
  }
}
