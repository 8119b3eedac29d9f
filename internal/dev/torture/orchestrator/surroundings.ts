import { existsSync } from 'node:fs';
import { canLimitMemory, limitMemory } from '../../testing/cgroup.ts';
import { isRoot } from '../../testing/is-root.ts';

/**
 * The unusual property of a container: clocks with another start (time_namespaces(7)), little memory, few
 * descriptors, or ignored signals as with nohup(1).
 */
export type Surrounding = 'usual' | 'other clocks' | 'little memory' | 'few descriptors' | 'ignored signals';

/** The surroundings that are possible here. Without root, those that need root are left out. */
export const availableSurroundings: readonly Surrounding[] = [
  'usual',
  'few descriptors',
  'ignored signals',
  ...(isRoot && existsSync('/proc/self/timens_offsets') ? (['other clocks'] as const) : []),
  ...(canLimitMemory ? (['little memory'] as const) : []),
];

/** In MiB: room for the orchestrator and everything that a plan draws, but not for a task that eats more. */
export const memoryLimitMib = 256;

/** Such surroundings for one task. Disposing of them waits for the end of all processes in them. */
export interface Enclosure extends AsyncDisposable {
  /** A command that executes its arguments at its end. It comes before the task's command. */
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
