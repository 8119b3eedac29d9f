import { type MemoryCgroup, readMemoryLimit, readOomKills } from './cmd/memory-cgroup.ts';

/** Whether the kernel's OOM killer struck in this container since this was created. */
export class OomWatch {
  readonly #cgroup: MemoryCgroup | undefined;
  readonly #killsBefore: number;

  /** @param cgroup the container's, if it has one that counts */
  constructor(cgroup: MemoryCgroup | undefined) {
    this.#cgroup = cgroup;
    this.#killsBefore = this.#kills();
  }

  /** One sentence for a failure's message, or '' when nothing was killed or there is no such counter. */
  describe(): string {
    if (this.#cgroup === undefined || this.#kills() <= this.#killsBefore) {
      return '';
    }
    const limit = formatLimit(readMemoryLimit(this.#cgroup));
    return `The OOM killer of the kernel struck in this container (memory limit: ${limit}): the task needs more memory than the container may use.`;
  }

  #kills(): number {
    return (this.#cgroup && readOomKills(this.#cgroup)) ?? 0;
  }
}

const bytesPerMiB = 2 ** 20;

function formatLimit(bytes: number | undefined): string {
  return bytes === undefined ? 'none of its own' : `${Math.round((bytes / bytesPerMiB) * 10) / 10} MiB`;
}
