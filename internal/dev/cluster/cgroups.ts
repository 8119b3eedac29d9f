import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../testing/wait-for.ts';
import { type Hierarchy, parseHierarchies } from './hierarchies.ts';

/** The control group of the whole cluster, in every hierarchy. The kubelet makes its own groups below it. */
export const clusterGroup = 'runner-init-cluster';

function hierarchies(): Hierarchy[] {
  return parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/**
 * Makes the cluster's groups, unless they exist.
 *
 * @returns the groups that each process of the cluster has to enter before it becomes a component
 */
export function makeGroups(): string[] {
  const all = hierarchies();
  if (all.length === 1 && all[0] !== undefined) delegateControllers(all[0].mountPoint);
  return all.flatMap(({ mountPoint, isCpuset }) => {
    const group = join(mountPoint, clusterGroup);
    if (isCpuset) {
      mkdirSync(group, { recursive: true });
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        copyFileSync(join(mountPoint, file), join(group, file));
      return [];
    }
    // A separate leaf: in version 2, a group with processes cannot have children with limits, like Pods.
    const leaf = join(group, 'components');
    mkdirSync(leaf, { recursive: true });
    return [leaf];
  });
}

/** Enables the controllers that the kubelet needs in groups of version 2. Usually the machine has already done that. */
function delegateControllers(mountPoint: string): void {
  const words = (file: string) => readFileSync(join(mountPoint, file), 'utf8').trim().split(' ');
  const delegated = words('cgroup.subtree_control');
  for (const controller of words('cgroup.controllers')) {
    if (!['cpu', 'cpuset', 'memory', 'pids', 'hugetlb'].includes(controller)) continue;
    if (!delegated.includes(controller))
      writeFileSync(join(mountPoint, 'cgroup.subtree_control'), `+${controller}`);
  }
}

/** The pids of the cluster's own programs, without those in its Pods. */
export function listComponentProcesses(): number[] {
  return listProcesses(clusterGroups().map((group) => join(group, 'components')));
}

/** The pids of all processes in the cluster's Pods. */
export function listPodProcesses(): number[] {
  const components = new Set(listComponentProcesses());
  return listProcesses(clusterGroups()).filter((pid) => !components.has(pid));
}

/** Ends all processes of the cluster, even if it starts new ones meanwhile. @throws Error if one cannot be ended */
export async function endProcesses(): Promise<void> {
  await waitFor('the end of every process of the cluster', () => {
    const pids = listProcesses(clusterGroups());
    for (const pid of pids) kill(pid);
    return pids.length === 0;
  });
}

/** Removes the cluster's groups. @throws Error if one is in use */
export async function removeGroups(): Promise<void> {
  const groups = clusterGroups();
  // A group stays busy for a moment after its last process has ended.
  await waitFor('the removal of every control group of the cluster', () => {
    for (const group of groups) tryRemove(group);
    return !groups.some((group) => existsSync(group));
  });
}

/** Whether any of the cluster's groups exists. */
export function groupsExist(): boolean {
  return clusterGroups().some((group) => existsSync(group));
}

function clusterGroups(): string[] {
  return hierarchies().map(({ mountPoint }) => join(mountPoint, clusterGroup));
}

/** The pids of all processes in these groups and below them. */
function listProcesses(groups: readonly string[]): number[] {
  const lines = groups
    .flatMap(withDescendants)
    .flatMap((group) => read(join(group, 'cgroup.procs')).split('\n'));
  return [...new Set(lines)].filter(Boolean).map(Number);
}

/** A group and all groups below it, parents first. */
function withDescendants(group: string): string[] {
  const children = listFolders(group).map((name) => join(group, name));
  return [group, ...children.flatMap(withDescendants)];
}

/** The folders in a group. Groups may come and go meanwhile. */
function listFolders(group: string): string[] {
  try {
    const entries = readdirSync(group, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function tryRemove(group: string): void {
  for (const path of withDescendants(group).reverse()) {
    try {
      rmdirSync(path);
    } catch {
      // Busy or gone: the caller tries again.
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
