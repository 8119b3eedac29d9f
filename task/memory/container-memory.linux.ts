import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadContainerMemory } from './container-memory.ts';

/** The files of a memory controller. They may not exist. */
interface Files {
  readonly events: string;
  readonly limit: string;
}

/** Reads the memory controller of cgroups(7), version 1 or 2. */
export const readContainerMemory: ReadContainerMemory = (root = '/') => {
  for (const { events, limit } of candidates(root)) {
    const oomKills = readOomKills(events);
    if (oomKills !== undefined) return { oomKills, limitBytes: readLimit(limit) };
  }
  return undefined;
};

/**
 * Both versions have a line `oom_kill N` (v1 since Linux 4.13); see the kernel's cgroup-v1/memory.rst and
 * cgroup-v2.rst.
 */
function readOomKills(events: string): number | undefined {
  const match = /^oom_kill (\d+)$/m.exec(readText(events) ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** v1 writes "no limit" as the largest multiple of the page size, v2 as `max`. */
const noLimit = 2 ** 60;

function readLimit(limit: string): number | undefined {
  const bytes = Number(readText(limit)?.trim() || Number.NaN);
  return Number.isNaN(bytes) || bytes > noLimit ? undefined : bytes;
}

/**
 * In a container, the root of a cgroup file system is usually the container's own cgroup
 * (cgroup_namespaces(7), or a bind mount for v1). If the file system shows the host's tree, /proc/self/cgroup
 * has our place in it.
 */
function candidates(root: string): Files[] {
  const membership = readText(join(root, 'proc/self/cgroup')) ?? '';
  return membership.split('\n').flatMap((line) => {
    const [, controllers, ...rest] = line.split(':');
    const own = rest.join(':');
    const at = (mount: string) => [join(root, mount, own), join(root, mount)];
    if (controllers === '') return [...at('sys/fs/cgroup'), ...at('sys/fs/cgroup/unified')].map(v2);
    return controllers?.split(',').includes('memory') ? at('sys/fs/cgroup/memory').map(v1) : [];
  });
}

function v2(directory: string): Files {
  return { events: join(directory, 'memory.events'), limit: join(directory, 'memory.max') };
}

function v1(directory: string): Files {
  return {
    events: join(directory, 'memory.oom_control'),
    limit: join(directory, 'memory.limit_in_bytes'),
  };
}

/** The kernel provides these files, so reading them never blocks. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
