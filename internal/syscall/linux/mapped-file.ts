import { dlopen } from 'node:ffi';

const PROT_READ = 1;
const MAP_SHARED = 1;
const MAP_FAILED = 2n ** 64n - 1n;
const wholeMapping = 0n;

const signatures = {
  mmap: { arguments: ['u64', 'u64', 'i32', 'i32', 'i32', 'i64'], return: 'u64' },
  munmap: { arguments: ['u64', 'u64'], return: 'i32' },
  write: { arguments: ['i32', 'u64', 'u64'], return: 'i64' },
} as const;

/** A file as it lies in the page cache, to be written elsewhere without a copy in this process. */
export class MappedFile implements Disposable {
  readonly #functions = dlopen(null, signatures).functions;
  readonly #address: bigint;
  readonly #size: bigint;

  /** @throws Error where the file cannot be mapped */
  constructor(fd: number, size: number) {
    this.#size = BigInt(size);
    this.#address = this.#functions.mmap(wholeMapping, this.#size, PROT_READ, MAP_SHARED, fd, 0n);
    if (this.#address === MAP_FAILED) throw new Error('mmap failed');
  }

  /**
   * Beyond the end of the file, to the end of its last page, there are zeros.
   *
   * @returns bytes, at least one @throws Error
   */
  writeTo(fd: number, offset: number, length: number): number {
    const written = this.#functions.write(fd, this.#address + BigInt(offset), BigInt(length));
    if (written <= 0n) throw new Error('write failed');
    return Number(written);
  }

  [Symbol.dispose](): void {
    this.#functions.munmap(this.#address, this.#size);
  }
}
