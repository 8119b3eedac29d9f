import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { MachineImage } from './build-image.ts';

/** How a script on the node ended. */
export interface ScriptEnd {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type SecurityModule = 'selinux' | 'apparmor';

export interface MachineToBoot {
  readonly image: MachineImage;
  /** A disk that it finds at /volume. Its changes are lost. */
  readonly volume: string;
  /** The security module that is enforced, if any. */
  readonly securityModule?: SecurityModule;
  /** The folder for the file with the kernel's output. */
  readonly folder: string;
}

const memoryMebibytes = 1024;
/** On a busy machine, an emulated boot takes a minute, and a container that keeps the processor busy takes minutes. */
const limitMs = 800_000;
const lastOfConsole = 4000;

/** A node with its own kernel, for one test file. Disposing of it ends it. */
export class VirtualMachine implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #console: string;
  readonly #said: Promise<string>;
  readonly #exited: Promise<unknown>;
  #last: Promise<unknown>;

  private constructor(machine: MachineToBoot) {
    this.#console = join(machine.folder, 'console.log');
    this.#process = spawn('nice', ['qemu-system-x86_64', ...parameters(machine, this.#console)]);
    this.#exited = once(this.#process, 'exit');
    this.#said = text(this.#process.stderr);
    this.#process.stdin.on('error', () => {}); // The machine has ended. A wait for an answer fails then.
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    this.#last = this.#answer();
  }

  /** @throws Error with the kernel's last output if it does not boot */
  static async boot(machine: MachineToBoot): Promise<VirtualMachine> {
    const booting = new VirtualMachine(machine);
    try {
      await booting.#last;
      return booting;
    } catch (error) {
      await booting[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a shell script on the node, once earlier ones have ended. @throws Error if the machine dies or hangs */
  run(script: string): Promise<ScriptEnd> {
    const answer = this.#last.then(async () => {
      this.#process.stdin.write(`${encode(script)}\n`);
      const [status = '', stdout = '', stderr = ''] = (await this.#answer()).split(' ');
      return { status: Number(status), stdout: decode(stdout), stderr: decode(stderr) };
    });
    this.#last = answer;
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  async #answer(): Promise<string> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), limitMs);
    const { done, value } = await this.#lines.next();
    clearTimeout(timer);
    if (!done) return value;
    const log = await readFile(this.#console, 'utf8').catch(() => '');
    throw new Error(
      `the virtual machine has died or hangs:\n${await this.#said}${log.slice(-lastOfConsole)}`,
    );
  }
}

const encode = (script: string) => Buffer.from(script).toString('base64');
const decode = (output: string) => Buffer.from(output, 'base64').toString();

function parameters({ image, volume, securityModule }: MachineToBoot, console: string): string[] {
  const kernel = [
    'console=ttyS0 loglevel=4 panic=-1 no_timer_check root=/dev/nvme0n1 rootwait rw init=/sbin/init mitigations=off random.trust_cpu=on',
    securityModule === undefined ? 'lsm=' : `lsm=${securityModule} ${securityModule}=1`,
  ];
  const disk = (file: string, name: string, device: string) => [
    ...['-drive', `if=none,id=${name},file=${file},format=raw,snapshot=on`],
    ...['-device', `${device},drive=${name}`],
  ];
  return [
    ...['-nodefaults', '-no-reboot', '-display', 'none', '-machine', 'q35'],
    ...['-accel', 'tcg', '-icount', 'shift=1', '-cpu', 'max', '-smp', '1', '-m', String(memoryMebibytes)],
    ...['-kernel', image.kernel, '-append', kernel.join(' '), '-serial', `file:${console}`],
    ...disk(image.root, 'root', 'nvme,serial=root'),
    ...disk(volume, 'volume', 'virtio-blk-pci'),
    ...['-netdev', 'user,id=network', '-device', 'virtio-net-pci,netdev=network,romfile='],
    ...['-chardev', 'stdio,id=scripts,signal=off', '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=scripts'],
  ];
}
