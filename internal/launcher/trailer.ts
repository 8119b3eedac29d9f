import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { checksum } from './checksum.ts';
import {
  headerAt,
  largestLauncher,
  magic,
  partAt,
  partBytes,
  trailerSize,
  writeChecksum,
} from './trailer-layout.ts';

/** A part of the packed executable. */
export interface Part {
  readonly name: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly crc32: number;
}

/**
 * Reads a whole packed executable and compares every checksum, in constant memory. For tests: init checks only the table.
 *
 * @returns `intact`, or `not-packed` for any other file
 * @throws Error with one line that names the file, if it was cut short, is damaged or cannot be read
 */
export async function verifyPackedFile(path: string): Promise<'intact' | 'not-packed'> {
  // Loaded only here. init has to start quickly, and only needs the table.
  const { crc32 } = await import('node:zlib');
  return withFile(path, (fd) => {
    const parts = readTable(path, fd);
    for (const part of parts ?? []) {
      if (crcOfPart(path, fd, part, crc32) !== part.crc32)
        throw damaged(path, `wrong checksum of ${part.name}`);
    }
    return parts === undefined ? 'not-packed' : 'intact';
  });
}

/**
 * Checks by the table at its end whether a packed executable is complete.
 *
 * @throws as {@link verifyPackedFile}
 */
export function verifyTable(path: string): void {
  withFile(path, (fd) => readTable(path, fd));
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** @returns undefined for a file that is not packed */
function readTable(path: string, fd: number): Part[] | undefined {
  const { size } = fstatSync(fd);
  const trailer = readAt(fd, trailerSize, size - trailerSize);
  if (trailer.toString('latin1', 0, magic.length) === magic) return parseTrailer(path, trailer, size);
  // The launcher's code also has the magic. If the magic is at the start but not at the end, something is
  // missing.
  if (!readAt(fd, largestLauncher, 0).includes(magic, 0, 'latin1')) return undefined;
  throw damaged(path, 'there is no table of contents at its end');
}

/**
 * @returns `length` bytes, or fewer at the end of the file
 */
function readAt(fd: number, length: number, offset: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, offset < 0 ? 0 : readSync(fd, bytes, 0, length, offset));
}

function parseTrailer(path: string, trailer: Buffer, size: number): Part[] {
  const [words, sums] = [readNumber(trailer, headerAt.checksum), readNumber(trailer, headerAt.checksum + 8)];
  writeChecksum(trailer, headerAt.checksum, [0n, 0n]);
  const actual = checksum(trailer);
  if (actual[0] !== words || actual[1] !== sums)
    throw damaged(path, 'wrong checksum of the table of contents');
  if (readNumber(trailer, headerAt.fileSize) !== BigInt(size)) throw damaged(path, 'wrong size');
  const count = Number(readNumber(trailer, headerAt.partCount));
  return Array.from({ length: count }, (_, index) => parsePart(partBytes(trailer, index)));
}

function parsePart(bytes: Buffer): Part {
  const name = bytes.toString('latin1', partAt.name);
  return {
    name: name.slice(0, name.indexOf('\0')),
    offset: Number(readNumber(bytes, partAt.offset)),
    size: Number(readNumber(bytes, partAt.size)),
    crc32: bytes.readUInt32LE(partAt.crc32),
  };
}

function readNumber(bytes: Buffer, at: number): bigint {
  return bytes.readBigUInt64LE(at);
}

function crcOfPart(path: string, fd: number, part: Part, crc32: typeof import('node:zlib').crc32): number {
  const buffer = Buffer.allocUnsafe(Math.min(part.size, 1 << 20));
  let crc = 0;
  for (let done = 0; done < part.size; ) {
    const length = Math.min(buffer.length, part.size - done);
    const bytesRead = readSync(fd, buffer, 0, length, part.offset + done);
    if (bytesRead === 0) throw damaged(path, `unexpected end of ${part.name}`);
    crc = crc32(buffer.subarray(0, bytesRead), crc);
    done += bytesRead;
  }
  return crc;
}

function damaged(path: string, what: string): Error {
  return new Error(`${path} is incomplete or damaged: ${what}; copy it again`);
}
