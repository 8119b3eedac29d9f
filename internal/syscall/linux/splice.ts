import { closeSync } from 'node:fs';
import { SystemError } from '../system-error.ts';
import { F_SETPIPE_SZ, POSIX_FADV_RANDOM } from './abi.ts';
import { errno, libc } from './c-library.ts';
import { createPipe } from './descriptors.ts';
import { trySystemCall } from './system-call.ts';

const wholeFile = 0;
/** A null pointer: the file's own position, which moves on. */
const fromPosition = 0n;
/** Bytes; any user may have a pipe as large. docs/decisions/copying.md has other sizes. */
const pipeBytes = 512 * 1024;

/**
 * A pipe in the kernel through which files are copied page by page, by splice(2). Written to a file that was opened
 * with O_DIRECT, the pages go from the page cache to the disk as they are.
 */
export class Splice implements Disposable {
  readonly #output: number;
  readonly #input: number;

  /** @throws SystemError */
  constructor() {
    [this.#output, this.#input] = createPipe();
    // If it may not, it is a smaller one.
    trySystemCall('fcntl', this.#input, F_SETPIPE_SZ, pipeBytes);
  }

  /**
   * No more of this file is read than is asked for: at a memory limit, what is read ahead takes the place of what was
   * read before, and both of the program's own code.
   */
  stopReadingAhead(fd: number): void {
    trySystemCall('fadvise64', fd, wholeFile, wholeFile, POSIX_FADV_RANDOM);
  }

  /** Copies so many bytes, from one file's position to the other's. @throws Error, with bytes left in the pipe */
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
  if (moved < 0) {
    throw new SystemError('splice', errno());
  }
  if (moved === 0) {
    throw new Error('the file is shorter than it was');
  }
  return moved;
}
