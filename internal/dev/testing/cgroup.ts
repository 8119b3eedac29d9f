import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from './is-root.ts';
import { waitFor } from './wait-for.ts';

/** The mount points of controllers of cgroups(7), version 1. */
export const memoryHierarchy = '/sys/fs/cgroup/memory';
export const pidsHierarchy = '/sys/fs/cgroup/pids';

export const canLimitMemory = isRoot && existsSync(join(memoryHierarchy, 'memory.limit_in_bytes'));
export const canLimitProcesses = isRoot && existsSync(join(pidsHierarchy, 'cgroup.procs'));

/** A new cgroup. Disposing of it waits for the end of all processes in it. */
export class Cgroup implements AsyncDisposable {
  /** A command that enters the cgroup and then executes the command in its arguments. */
  readonly enter: readonly string[];
  readonly #folder: string;

  /**
   * @throws Error if none can be made: without root, and in most containers
   */
  constructor(hierarchy: string) {
    this.#folder = join(hierarchy, `orchestrator-test-${randomUUID()}`);
    mkdirSync(this.#folder);
    this.enter = ['sh', '-c', 'echo $$ >"$0" && exec "$@"', join(this.#folder, 'cgroup.procs')];
  }

  has(file: string): boolean {
    return existsSync(join(this.#folder, file));
  }

  read(file: string): string {
    return readFileSync(join(this.#folder, file), 'latin1');
  }

  write(file: string, value: string): void {
    writeFileSync(join(this.#folder, file), value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await waitFor(`an empty ${this.#folder}`, () => isRemoved(this.#folder));
  }
}

/** Makes a cgroup with a limit for the memory of all its processes together. */
export function limitMemory(mebibytes: number): Cgroup {
  const cgroup = new Cgroup(memoryHierarchy);
  cgroup.write('memory.limit_in_bytes', String(mebibytes * 2 ** 20));
  return cgroup;
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
