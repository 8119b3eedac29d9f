/** A part of a program's file that the kernel maps at its start, in bytes. */
export interface Segment {
  readonly offset: number;
  readonly size: number;
}

/** elf(5), for 64 bits and little endian: the positions of the program headers and of their fields. */
const headerAt = { programHeaders: 32, entrySize: 54, entries: 56 } as const;
const entryAt = { type: 0, offset: 8, fileSize: 32 } as const;
const entryLength = 56;
const PT_LOAD = 1;

/**
 * Reads the program headers of an ELF file.
 *
 * @param head the first bytes of the file, at least the 64 of the header. Program headers beyond them are ignored
 * @returns the loaded segments in their order, and the end of the program headers in the file
 */
export function readProgramHeaders(head: Buffer): { readonly loaded: Segment[]; readonly end: number } {
  const start = Number(head.readBigUInt64LE(headerAt.programHeaders));
  const entrySize = head.readUInt16LE(headerAt.entrySize);
  const end = start + entrySize * head.readUInt16LE(headerAt.entries);
  const loaded: Segment[] = [];
  for (let at = start; at < end && at + entryLength <= head.length; at += entrySize) {
    if (head.readUInt32LE(at + entryAt.type) !== PT_LOAD) continue;
    loaded.push({
      offset: Number(head.readBigUInt64LE(at + entryAt.offset)),
      size: Number(head.readBigUInt64LE(at + entryAt.fileSize)),
    });
  }
  return { loaded, end };
}
