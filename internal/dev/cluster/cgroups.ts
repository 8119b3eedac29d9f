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

/** The control group that everything of the cluster lives in, in every hierarchy; the kubelet makes its own below it. */
export const clusterGroup = 'runner-init-cluster';

function hierarchies(): Hierarchy[] {
  return parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/**
 * Makes the cluster's groups where they are missing.
 *
 * @returns those that each process of the cluster has to enter before it becomes a component
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
    // A leaf of its own: in version 2 a group with processes cannot have children with limits, as Pods are.
    const leaf = join(group, 'components');
    mkdirSync(leaf, { recursive: true });
    return [leaf];
  });
}

/** Lets the groups of version 2 have what the kubelet looks for in them; who manages the machine mostly has. */
function delegateControllers(mountPoint: string): void {
  const words = (file: string) => readFileSync(join(mountPoint, file), 'utf8').trim().split(' ');
  const delegated = words('cgroup.subtree_control');
  for (const controller of words('cgroup.controllers')) {
    if (!['cpu', 'cpuset', 'memory', 'pids', 'hugetlb'].includes(controller)) continue;
    if (!delegated.includes(controller))
      writeFileSync(join(mountPoint, 'cgroup.subtree_control'), `+${controller}`);
  }
}

/** The pids of the cluster's own programs, without what runs in its Pods. */
export function listComponentProcesses(): number[] {
  return listProcesses(clusterGroups().map((group) => join(group, 'components')));
}

/** Ends every process of the cluster, however many it starts meanwhile. @throws Error when one cannot be ended */
export async function endProcesses(): Promise<void> {
  await waitFor('the end of every process of the cluster', () => {
    const pids = listProcesses(clusterGroups());
    for (const pid of pids) kill(pid);
    return pids.length === 0;
  });
}

/** Removes the cluster's groups. @throws Error when one is in use */
export async function removeGroups(): Promise<void> {
  const groups = clusterGroups();
  // A group stays busy for a moment after its last process has ended.
  await waitFor('the removal of every control group of the cluster', () => {
    for (const group of groups) tryRemove(group);
    return !groups.some((group) => existsSync(group));
  });
}

/** Whether any of the cluster's groups is there. */
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

/** A group and all below it, parents first. */
function withDescendants(group: string): string[] {
  const children = listFolders(group).map((name) => join(group, name));
  return [group, ...children.flatMap(withDescendants)];
}

/** Groups come and go while they are looked at. */
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
      // Busy or gone: the caller looks again.
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
