import { Cgroup, memoryHierarchy } from '../testing/cgroup.ts';

/** Where either version of cgroups(7) is mounted, and its files that tell what is and what was charged. */
const hierarchies = [
  [memoryHierarchy, 'memory.usage_in_bytes', 'memory.max_usage_in_bytes'],
  ['/sys/fs/cgroup', 'memory.current', 'memory.peak'],
] as const;

/** A cgroup that tells what memory its processes are charged. */
export interface MemoryAccount extends AsyncDisposable {
  /** A command that goes into the cgroup and then becomes the one it is given. */
  readonly enter: readonly string[];
  chargedBytes(): number;
  /** The most that was charged at a time. */
  mostChargedBytes(): number;
}

/** @returns undefined where none can be made: by other users than root, and in most containers */
export async function accountMemory(): Promise<MemoryAccount | undefined> {
  for (const [hierarchy, usage, peak] of hierarchies) {
    const cgroup = tryCgroup(hierarchy);
    if (cgroup?.has(usage)) {
      return {
        enter: cgroup.enter,
        chargedBytes: () => Number(cgroup.read(usage)),
        mostChargedBytes: () => Number(cgroup.read(peak)),
        [Symbol.asyncDispose]: () => cgroup[Symbol.asyncDispose](),
      };
    }
    await cgroup?.[Symbol.asyncDispose]();
  }
  return undefined;
}

function tryCgroup(hierarchy: string): Cgroup | undefined {
  try {
    return new Cgroup(hierarchy);
  } catch {
    return undefined;
  }
}
