/** A stretch of a program's file that the kernel maps when it starts; bytes. */
export interface Segment {
  readonly offset: number;
  readonly size: number;
}

/** elf(5), for 64 bits and little endian: where the program headers are, and what each of them says. */
const headerAt = { programHeaders: 32, entrySize: 54, entries: 56 } as const;
const entryAt = { type: 0, offset: 8, fileSize: 32 } as const;
const entryLength = 56;
const PT_LOAD = 1;

/**
 * Reads the program headers of an ELF file.
 *
 * @param head its first bytes, the 64 of the header at least; program headers behind them are not seen
 * @returns the segments that are loaded, in their order, and where the program headers end in the file
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
