import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { delay } from '../../../delay.ts';
import type { Component } from '../../cluster/components/component.ts';
import { components } from '../../cluster/components.ts';
import { stateFolder } from '../../cluster/places.ts';
import { requireSandbox } from '../../cluster/sandbox.ts';
import { startComponent, waitForComponent } from '../../cluster/start-component.ts';
import { runCommand } from '../../run-command.ts';
import { holdFault } from './hold-fault.ts';

/** Folders of the cluster, and the component that uses them. */
export interface DiskUse {
  /** Paths within the cluster. */
  readonly folders: readonly string[];
  /** Its configuration may differ from the usual one as long as it has the disk. */
  readonly component: Component;
}

/** The room on a new disk beside the content of its folders, MiB. */
const spareMiB = 1024;

/** A disk of its own for folders of the cluster. It can be really full without harm to the machine. */
export class SmallDisk implements AsyncDisposable {
  readonly #component: Component;
  readonly #sandbox: number;
  readonly #mounted: AsyncDisposable;
  /** The file that fills it. */
  readonly #filler: string;
  readonly #unmounting = new AbortController();
  #kept: Promise<void> | undefined;

  private constructor(component: Component, sandbox: number, mounted: AsyncDisposable, mountPoint: string) {
    this.#component = component;
    this.#sandbox = sandbox;
    this.#mounted = mounted;
    this.#filler = join('/proc', `${sandbox}`, 'root', mountPoint, 'filler');
  }

  /**
   * Moves folders to a new disk, with their component killed meanwhile. If the component ends later, it is started
   * again, as a node's service manager does. When the disk is disposed of, the folders move back.
   *
   * If this process is killed, they do, too. Then the next `./do cluster up` starts the component.
   */
  static async mount({ folders, component }: DiskUse): Promise<SmallDisk> {
    const sandbox = requireSandbox();
    const mountPoint = join(stateFolder, 'disks', component.name);
    const parameters = [component.name, mountPoint, `${spareMiB}`, ...folders];
    const mounted = await holdFault({ begin, end, parameters }, sandbox, ['mount', 'pid']);
    const disk = new SmallDisk(component, sandbox, mounted, mountPoint);
    try {
      await disk.#start(component);
    } catch (error) {
      await mounted[Symbol.asyncDispose]();
      throw error;
    }
    disk.#kept = disk.#keepStarted();
    disk.#kept.catch(() => {});
    return disk;
  }

  /** Fills it, and keeps it full though others remove what they have there. */
  async fill(): Promise<AsyncDisposable> {
    const freed = new AbortController();
    await this.#fillUp();
    const keepFull = async () => {
      while (await delay(200, freed.signal)) await this.#fillUp();
    };
    const kept = keepFull();
    kept.catch(() => {});
    return {
      [Symbol.asyncDispose]: async () => {
        freed.abort();
        await kept.finally(() => rmSync(this.#filler, { force: true }));
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unmounting.abort();
    await this.#kept;
    await this.#mounted[Symbol.asyncDispose]();
    const { name } = this.#component;
    await this.#start(components.find((usual) => usual.name === name) ?? this.#component);
  }

  async #keepStarted(): Promise<void> {
    while (await delay(1000, this.#unmounting.signal)) await startComponent(this.#component, this.#sandbox);
  }

  async #fillUp(): Promise<void> {
    const { bavail, bsize } = statfsSync(join(this.#filler, '..'));
    await runCommand(['sh', '-c', fillUp, 'sh', this.#filler, `${Math.floor((bavail * bsize) / 2)}`]);
  }

  async #start(component: Component): Promise<void> {
    await startComponent(component, this.#sandbox);
    await waitForComponent(component, new AbortController().signal);
  }
}

/** In the cluster's own PID namespace, no other process has this name. */
const kill = `
if pid=$(pidof "$1"); then
  kill -KILL $pid
  while pidof "$1" >/dev/null; do sleep 0.1; done
fi`;

const begin = `
${kill}
disk=$2 spare=$3
shift 3
used=$(du --summarize --total --block-size=1M "$@" | tail --lines=1 | cut --fields=1)
mkdir --parents "$disk"
truncate --size="$((used + used / 10 + spare))M" "$disk.image"
mkfs.ext4 -q -F -m 0 "$disk.image"
mount -o loop "$disk.image" "$disk"
for folder; do
  mkdir --parents "$folder" "$disk$folder"
  cp --archive --one-file-system "$folder/." "$disk$folder"
  mount --bind "$disk$folder" "$folder"
done`;

const end = `
${kill}
disk=$2
shift 3
for folder; do
  if mountpoint --quiet "$folder"; then
    umount --lazy "$folder"
    find "$folder" -mindepth 1 -xdev -delete || : # mounts of Pods stay
    cp --archive --one-file-system "$disk$folder/." "$folder"
  fi
done
if mountpoint --quiet "$disk"; then
  umount --recursive --lazy "$disk"
fi
rm --force "$disk.image"`;

/* Half of the room at once, the rest byte by byte. */
const fillUp = `
fallocate --offset "$(stat --format=%s "$1" 2>/dev/null || echo 0)" --length "$2" "$1" 2>/dev/null || :
cat /dev/zero >>"$1" 2>/dev/null || :`;
