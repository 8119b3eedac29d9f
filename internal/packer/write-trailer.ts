import { type Checksum, checksum } from '../launcher/checksum.ts';
import type { Part } from '../launcher/trailer.ts';
import {
  headerAt,
  magic,
  maximumParts,
  nameSize,
  partAt,
  partBytes,
  trailerSize,
  writeChecksum,
} from '../launcher/trailer-layout.ts';

/** The kinds of parts. The launcher treats each kind differently. */
export const partKinds = { launcher: 1, node: 2, loader: 3, library: 4, scripts: 5 } as const;
export type PartKind = keyof typeof partKinds;
export interface PackedPart extends Part {
  readonly kind: PartKind;
  /** For parts that the launcher reads as a whole at every start. It maps the others. */
  readonly checksum?: Checksum;
}

/**
 * @throws Error if the parts do not fit
 */
export function formatTrailer(parts: readonly PackedPart[], fileSize: number): Buffer {
  if (parts.length > maximumParts)
    throw new Error(`${parts.length} parts, but the table holds ${maximumParts}`);
  const bytes = Buffer.alloc(trailerSize);
  bytes.write(magic, 'latin1');
  bytes.writeBigUInt64LE(BigInt(fileSize), headerAt.fileSize);
  bytes.writeBigUInt64LE(BigInt(parts.length), headerAt.partCount);
  for (const [index, part] of parts.entries()) writePart(partBytes(bytes, index), part);
  writeChecksum(bytes, headerAt.checksum, checksum(bytes));
  return bytes;
}

function writePart(bytes: Buffer, part: PackedPart): void {
  if (part.name.length >= nameSize) throw new Error(`the name ${part.name} is too long for the table`);
  bytes.writeBigUInt64LE(BigInt(part.offset), partAt.offset);
  bytes.writeBigUInt64LE(BigInt(part.size), partAt.size);
  if (part.checksum) writeChecksum(bytes, partAt.checksum, part.checksum);
  bytes.writeUInt32LE(part.crc32, partAt.crc32);
  bytes.writeUInt32LE(partKinds[part.kind], partAt.kind);
  bytes.write(part.name, partAt.name, 'latin1');
}
