import type { ContainerMemory } from './container-memory.ts';

/**
 * Says whether the kernel's OOM killer killed a process of this container between two readings.
 *
 * @returns one sentence for a failure's message, or '' if nothing was killed or the kernel does not count
 */
export function describeOomKills(
  before: ContainerMemory | undefined,
  now: ContainerMemory | undefined,
): string {
  if (before === undefined || now === undefined || now.oomKills <= before.oomKills) return '';
  return `The kernel OOM killer struck in this container (memory limit: ${formatLimit(now.limitBytes)}): the task needs more memory than the container may use.`;
}

const bytesPerMiB = 2 ** 20;

function formatLimit(bytes: number | undefined): string {
  return bytes === undefined ? 'none of its own' : `${Math.round((bytes / bytesPerMiB) * 10) / 10} MiB`;
}
