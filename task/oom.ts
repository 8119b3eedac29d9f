import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A container's memory controller: where it counts OOM kills, and where its limit stands. */
interface MemoryCgroup {
  readonly events: string;
  readonly limit: string;
}

/** Whether the kernel's OOM killer struck in this container since this was created. */
export class OomWatch {
  readonly #root: string;
  readonly #baseline: { readonly cgroup: MemoryCgroup; readonly kills: number } | undefined;

  /** @param root where procfs and the cgroup file systems are mounted, for tests */
  constructor(root = '/') {
    this.#root = root;
    this.#baseline = this.#begin();
  }

  /** One sentence for a failure's message, or '' when nothing was killed or there is no such counter. */
  describe(): string {
    const baseline = this.#baseline;
    if (baseline === undefined) {
      return '';
    }
    const kills = readKills(baseline.cgroup) ?? 0;
    if (kills <= baseline.kills) {
      return '';
    }
    const limit = formatLimit(readText(baseline.cgroup.limit));
    return `The OOM killer of the kernel struck in this container (memory limit: ${limit}): the task needs more memory than the container may use.`;
  }

  #begin(): { cgroup: MemoryCgroup; kills: number } | undefined {
    for (const cgroup of this.#candidates()) {
      const kills = readKills(cgroup);
      if (kills !== undefined) {
        return { cgroup, kills };
      }
    }
    return undefined;
  }

  /**
   * In a container the cgroup file systems usually show its own cgroup at their root (cgroup_namespaces(7), or a
   * bind mount for v1); where they show the host's tree, /proc/self/cgroup says where in it we are.
   */
  #candidates(): MemoryCgroup[] {
    const membership = readText(path.join(this.#root, 'proc/self/cgroup')) ?? '';
    return membership.split('\n').flatMap((line) => {
      const [, controllers, ...rest] = line.split(':');
      const own = rest.join(':');
      if (controllers === '') {
        return ['sys/fs/cgroup', 'sys/fs/cgroup/unified'].flatMap((mount) => this.#v2(mount, own));
      }
      return controllers?.split(',').includes('memory') ? this.#v1('sys/fs/cgroup/memory', own) : [];
    });
  }

  #v2(mount: string, own: string): MemoryCgroup[] {
    return this.#places(mount, own).map((directory) => ({
      events: path.join(directory, 'memory.events'),
      limit: path.join(directory, 'memory.max'),
    }));
  }

  #v1(mount: string, own: string): MemoryCgroup[] {
    return this.#places(mount, own).map((directory) => ({
      events: path.join(directory, 'memory.oom_control'),
      limit: path.join(directory, 'memory.limit_in_bytes'),
    }));
  }

  #places(mount: string, own: string): string[] {
    return [path.join(this.#root, mount, own), path.join(this.#root, mount)];
  }
}

/** Both versions have a line `oom_kill N` (v1 since Linux 4.13); see the kernel's cgroup-v1/memory.rst and cgroup-v2.rst. */
function readKills({ events }: MemoryCgroup): number | undefined {
  const match = /^oom_kill (\d+)$/m.exec(readText(events) ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** These are files of the kernel's own, which never keep a reader waiting. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

const bytesPerMiB = 2 ** 20;
/** v1 writes "no limit" as the largest multiple of the page size. */
const noLimit = 2 ** 60;

function formatLimit(text: string | undefined): string {
  const bytes = Number(text?.trim() || Number.NaN);
  if (Number.isNaN(bytes) || bytes > noLimit) {
    return 'none of its own';
  }
  return `${Math.round((bytes / bytesPerMiB) * 10) / 10} MiB`;
}
