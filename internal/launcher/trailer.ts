import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** A stretch of the packed executable: trailer.h has the same layout. */
export interface Part {
  readonly name: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly crc32: number;
}

/** What the launcher does with a part. */
export const partKinds = { launcher: 1, node: 2, loader: 3, library: 4 } as const;
export type PartKind = keyof typeof partKinds;
export type PackedPart = Part & { readonly kind: PartKind };

export const trailerSize = 1024;
const magic = 'orchestrator\r\n1';
const largestLauncher = 65_536;
const maximumParts = 15;
const headerSize = 64;
const partSize = 64;
const nameSize = 40;
const at = { fileSize: 16, partCount: 24, crc32: 28 } as const;

/** @throws Error when the parts do not fit */
export function formatTrailer(parts: readonly PackedPart[], fileSize: number): Buffer {
  if (parts.length > maximumParts)
    throw new Error(`${parts.length} parts, but the table holds ${maximumParts}`);
  const bytes = Buffer.alloc(trailerSize);
  bytes.write(magic, 'latin1');
  bytes.writeBigUInt64LE(BigInt(fileSize), at.fileSize);
  bytes.writeUInt32LE(parts.length, at.partCount);
  for (const [index, part] of parts.entries()) writePart(bytes, headerSize + index * partSize, part);
  bytes.writeUInt32LE(crc32(bytes), at.crc32);
  return bytes;
}

function writePart(bytes: Buffer, start: number, part: PackedPart): void {
  if (part.name.length >= nameSize) throw new Error(`the name ${part.name} is too long for the table`);
  bytes.writeBigUInt64LE(BigInt(part.offset), start);
  bytes.writeBigUInt64LE(BigInt(part.size), start + 8);
  bytes.writeUInt32LE(part.crc32, start + 16);
  bytes.writeUInt32LE(partKinds[part.kind], start + 20);
  bytes.write(part.name, start + 24, 'latin1');
}

/**
 * Reads a packed executable from one end to the other and compares every checksum, in constant memory.
 *
 * @returns `intact`, or `not-packed` for any other file
 * @throws Error with one line that names the file: it was cut short, damaged, or cannot be read
 */
export async function verifyPackedFile(path: string): Promise<'intact' | 'not-packed'> {
  await using file = await open(path);
  const { size } = await file.stat();
  const trailer = await readTrailer(file, size);
  if (!trailer) return rejectUnlessForeign(path, file);
  const parts = parseTrailer(path, trailer, size);
  for (const part of parts) {
    if ((await checksum(path, file, part)) !== part.crc32)
      throw damaged(path, `wrong checksum of ${part.name}`);
  }
  return 'intact';
}

async function readTrailer(file: FileHandle, size: number): Promise<Buffer | undefined> {
  if (size < trailerSize) return undefined;
  const bytes = Buffer.alloc(trailerSize);
  await file.read(bytes, 0, trailerSize, size - trailerSize);
  return bytes.toString('latin1', 0, magic.length) === magic ? bytes : undefined;
}

/** The launcher's code has the magic as well: with it in front and none at the end, something is missing. */
async function rejectUnlessForeign(path: string, file: FileHandle): Promise<'not-packed'> {
  const start = Buffer.alloc(largestLauncher);
  const { bytesRead } = await file.read(start, 0, start.length, 0);
  if (!start.subarray(0, bytesRead).includes(magic, 0, 'latin1')) return 'not-packed';
  throw damaged(path, 'there is no table of contents at its end');
}

function parseTrailer(path: string, trailer: Buffer, size: number): Part[] {
  const expected = trailer.readUInt32LE(at.crc32);
  trailer.writeUInt32LE(0, at.crc32);
  if (crc32(trailer) !== expected) throw damaged(path, 'wrong checksum of the table of contents');
  if (trailer.readBigUInt64LE(at.fileSize) !== BigInt(size)) throw damaged(path, 'wrong size');
  const count = trailer.readUInt32LE(at.partCount);
  return Array.from({ length: count }, (_, index) => parsePart(trailer, headerSize + index * partSize));
}

function parsePart(trailer: Buffer, start: number): Part {
  const name = trailer.toString('latin1', start + 24, start + 24 + nameSize);
  return {
    name: name.slice(0, name.indexOf('\0')),
    offset: Number(trailer.readBigUInt64LE(start)),
    size: Number(trailer.readBigUInt64LE(start + 8)),
    crc32: trailer.readUInt32LE(start + 16),
  };
}

async function checksum(path: string, file: FileHandle, part: Part): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(part.size, 1 << 20));
  let crc = 0;
  for (let done = 0; done < part.size; ) {
    const length = Math.min(buffer.length, part.size - done);
    const { bytesRead } = await file.read(buffer, 0, length, part.offset + done);
    if (bytesRead === 0) throw damaged(path, `unexpected end of ${part.name}`);
    crc = crc32(buffer.subarray(0, bytesRead), crc);
    done += bytesRead;
  }
  return crc;
}

function damaged(path: string, what: string): Error {
  return new Error(`${path} is incomplete or damaged: ${what}; copy it again`);
}
