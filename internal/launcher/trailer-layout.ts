import type { Checksum } from './checksum.ts';

/*
 * The table of contents at the end of a packed executable, in bytes. same-in-c.test.ts compares the numbers
 * with those in C.
 */

/** Larger than any launcher. A smaller file only has a launcher. */
export const largestLauncher = 65_536;
export const trailerSize = 1024;
export const magic = 'packed file\r\n1';
export const maximumParts = 15;
export const nameSize = 24;
export const headerAt = { fileSize: 16, partCount: 24, checksum: 32 } as const;
export const partAt = { offset: 0, size: 8, checksum: 16, crc32: 32, kind: 36, name: 40 } as const;
const headerSize = 64;
const partSize = 64;

/** The entry of a part. */
export function partBytes(trailer: Buffer, index: number): Buffer {
  const start = headerSize + index * partSize;
  return trailer.subarray(start, start + partSize);
}

/** Writes both halves of a checksum, each as 64 bits in little-endian order. */
export function writeChecksum(bytes: Buffer, at: number, [words, sums]: Checksum): void {
  bytes.writeBigUInt64LE(words, at);
  bytes.writeBigUInt64LE(sums, at + 8);
}
