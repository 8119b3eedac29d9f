import { closeSync } from 'node:fs';
import { SystemError } from '../system-error.ts';
import { F_SETPIPE_SZ, POSIX_FADV_RANDOM } from './abi.ts';
import { errno, libc } from './c-library.ts';
import { createPipe } from './descriptors.ts';
import { trySystemCall } from './system-call.ts';

const wholeFile = 0;
/** A null pointer stands for the file's own position, which moves on. */
const fromPosition = 0n;
/** Bytes. Every user may have a pipe of this size. docs/decisions/copying.md has other sizes. */
const pipeBytes = 512 * 1024;

/**
 * A pipe in the kernel that copies files page by page, by splice(2). If the target was opened with O_DIRECT,
 * the pages go directly from the page cache to the disk.
 */
export class Splice implements Disposable {
  readonly #output: number;
  readonly #input: number;

  /** @throws SystemError */
  constructor() {
    [this.#output, this.#input] = createPipe();
    // If this is not permitted, the pipe stays smaller.
    trySystemCall('fcntl', this.#input, F_SETPIPE_SZ, pipeBytes);
  }

  /**
   * Lets the kernel read only the requested bytes of this file. At a memory limit, pages that are read ahead
   * replace pages that were read before, and both replace the program's own code.
   */
  stopReadingAhead(fd: number): void {
    trySystemCall('fadvise64', fd, wholeFile, wholeFile, POSIX_FADV_RANDOM);
  }

  /**
   * Copies `length` bytes from one file's position to the other's.
   *
   * @throws Error, with bytes left in the pipe
   */
  copy(from: number, to: number, length: number): void {
    for (let left = length; left > 0; ) {
      const taken = move(from, this.#input, Math.min(left, pipeBytes));
      for (let inPipe = taken; inPipe > 0; ) {
        inPipe -= move(this.#output, to, inPipe);
      }
      left -= taken;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#output);
    closeSync(this.#input);
  }
}

/** @returns bytes, one at least */
function move(from: number, to: number, length: number): number {
  const moved = Number(libc.splice(from, fromPosition, to, fromPosition, BigInt(length), 0));
  if (moved < 0) throw new SystemError('splice', errno());
  if (moved === 0) throw new Error('the file is shorter than it was');
  return moved;
}
