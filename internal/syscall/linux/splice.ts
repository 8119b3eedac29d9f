import { dlopen } from 'node:ffi';
import { closeSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
const POSIX_FADV_RANDOM = 1;
const wholeFile = 0n;
const fromPosition = 0n;
/** Bytes; any user may have a pipe as large. A larger one does little good, and with little memory harm. */
const pipeBytes = 256 * 1024;

/**
 * A pipe in the kernel through which files are copied page by page, by splice(2). Written to a file that was opened
 * with O_DIRECT, the pages go from the page cache to the disk as they are.
 */
export class Splice implements Disposable {
  readonly #c = dlopen(null, {
    pipe2: { arguments: ['buffer', 'i32'], return: 'i32' },
    fcntl: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
    posix_fadvise: { arguments: ['i32', 'i64', 'i64', 'i32'], return: 'i32' },
    splice: { arguments: ['i32', 'u64', 'i32', 'u64', 'u64', 'u32'], return: 'i64' },
  }).functions;
  readonly #output: number;
  readonly #input: number;

  /** @throws Error */
  constructor() {
    const fds = Buffer.alloc(8);
    if (this.#c.pipe2(fds, O_CLOEXEC) !== 0) throw new Error('pipe2 failed');
    [this.#output, this.#input] = [fds.readInt32LE(0), fds.readInt32LE(4)];
    this.#c.fcntl(this.#input, F_SETPIPE_SZ, pipeBytes); // If it may not, it is a smaller one.
  }

  /**
   * No more of this file is read than is asked for: at a memory limit, what is read ahead takes the place of what was
   * read before, and both of the program's own code.
   */
  stopReadingAhead(fd: number): void {
    this.#c.posix_fadvise(fd, wholeFile, wholeFile, POSIX_FADV_RANDOM);
  }

  /** Copies so many bytes, from one file's position to the other's. @throws Error, with bytes left in the pipe */
  copy(from: number, to: number, length: number): void {
    for (let left = length; left > 0; ) {
      const taken = this.#move(from, this.#input, Math.min(left, pipeBytes));
      for (let inPipe = taken; inPipe > 0; ) inPipe -= this.#move(this.#output, to, inPipe);
      left -= taken;
    }
  }

  #move(from: number, to: number, length: number): number {
    const moved = this.#c.splice(from, fromPosition, to, fromPosition, BigInt(length), 0);
    if (moved <= 0n) throw new Error('splice failed');
    return Number(moved);
  }

  [Symbol.dispose](): void {
    closeSync(this.#output);
    closeSync(this.#input);
  }
}
