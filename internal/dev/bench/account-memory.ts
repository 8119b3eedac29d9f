import { Cgroup, memoryHierarchy } from '../testing/cgroup.ts';

/**
 * The mount points of both versions of cgroups(7), and their files for the current and the highest charge.
 */
const hierarchies = [
  [memoryHierarchy, 'memory.usage_in_bytes', 'memory.max_usage_in_bytes'],
  ['/sys/fs/cgroup', 'memory.current', 'memory.peak'],
] as const;

/** A cgroup that counts the memory of its processes. */
export interface MemoryAccount extends AsyncDisposable {
  /** A command that enters the cgroup and then executes the command in its arguments. */
  readonly enter: readonly string[];
  chargedBytes(): number;
  /** The highest charge. */
  mostChargedBytes(): number;
}

/**
 * @returns undefined if none can be made: without root, and in most containers
 */
export async function accountMemory(): Promise<MemoryAccount | undefined> {
  for (const [hierarchy, usage, peak] of hierarchies) {
    const cgroup = tryCgroup(hierarchy);
    if (cgroup?.has(usage))
      return {
        enter: cgroup.enter,
        chargedBytes: () => Number(cgroup.read(usage)),
        mostChargedBytes: () => Number(cgroup.read(peak)),
        [Symbol.asyncDispose]: () => cgroup[Symbol.asyncDispose](),
      };
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
