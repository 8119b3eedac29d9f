/** A mounted hierarchy of control groups: cgroups(7). */
export interface Hierarchy {
  readonly mountPoint: string;
  /** It has version 1, and no process can enter a group before the group has processors and memory nodes. */
  readonly isCpuset: boolean;
}

/**
 * The hierarchies of a machine: one in version 2, one for each controller in version 1.
 *
 * @param mountinfo the text of /proc/self/mountinfo; proc_pid_mountinfo(5)
 */
export function parseHierarchies(mountinfo: string): Hierarchy[] {
  const hierarchies = new Map<string, Hierarchy>();
  for (const line of mountinfo.trimEnd().split('\n')) {
    const [mount = '', superblock = ''] = line.split(' - ');
    const [, , device = '', root, mountPoint = ''] = mount.split(' ');
    const [type = '', , options = ''] = superblock.split(' ');
    // A hierarchy that is mounted twice is listed once, and a mounted part of one does not count.
    if (!/^cgroup2?$/.test(type) || root !== '/' || hierarchies.has(device)) continue;
    hierarchies.set(device, { mountPoint, isCpuset: options.split(',').includes('cpuset') });
  }
  return [...hierarchies.values()];
}
