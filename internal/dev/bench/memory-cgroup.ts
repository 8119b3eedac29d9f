import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A memory cgroup of its own for what is started by `wrapper`. */
export interface MemoryCgroup {
  /** A command that goes into the cgroup and then becomes the one it is given. */
  readonly wrapper: readonly string[];
  chargedBytes(): number;
  /** The most that was charged at a time. */
  mostChargedBytes(): number;
  remove(): Promise<void>;
}

/** Where the memory controller of either version of cgroups(7) is mounted, and its files that tell what is and what was charged. */
const hierarchies = [
  ['/sys/fs/cgroup/memory', 'memory.usage_in_bytes', 'memory.max_usage_in_bytes'],
  ['/sys/fs/cgroup', 'memory.current', 'memory.peak'],
] as const;

/** @returns undefined where none can be made: by other users than root, and in most containers */
export function makeMemoryCgroup(name: string): MemoryCgroup | undefined {
  for (const [hierarchy, usage, peak] of hierarchies) {
    const directory = join(hierarchy, name);
    try {
      mkdirSync(directory);
    } catch {
      continue;
    }
    if (!existsSync(join(directory, usage))) {
      rmdirSync(directory);
      continue;
    }
    return {
      wrapper: ['sh', '-c', 'echo $$ >"$0" && exec "$@"', join(directory, 'cgroup.procs')],
      chargedBytes: () => Number(readFileSync(join(directory, usage), 'latin1')),
      mostChargedBytes: () => Number(readFileSync(join(directory, peak), 'latin1')),
      remove: () => remove(directory),
    };
  }
  return undefined;
}

/** The last process may be leaving still. */
async function remove(directory: string): Promise<void> {
  for (let tries = 100; ; tries--) {
    try {
      return rmdirSync(directory);
    } catch (error) {
      if (tries === 0) throw error;
    }
    await pause(10);
  }
}
