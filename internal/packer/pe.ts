/*
 * The little of Microsoft's PE format, as its specification ("PE Format") has it, that a build has to do with.
 */

const offsetOfPeOffset = 60;
const coffHeaderBytes = 24;
const peMagic = 0x20b;
/** Of the optional header of 64-bit programs, in which directories have 8 bytes each. */
const directoriesOffset = 112;
const certificateTable = 4;

/**
 * Takes the signature off a 64-bit program of Windows, as it ceases to be valid when something is put into the
 * program: then it would be worse than none, and in the way of one that is made afterwards.
 *
 * @returns a copy without the signature, which stands at the file's end
 * @throws Error if this is no such program, or its signature stands elsewhere
 */
export function withoutSignature(program: Buffer): Buffer {
  const entry = findDirectory(program, certificateTable);
  const offset = program.readUInt32LE(entry);
  const size = program.readUInt32LE(entry + 4);
  if (size === 0) return Buffer.from(program);
  if (offset + size !== program.length) throw new Error('the signature is not at the end of the program');
  const unsigned = Buffer.from(program.subarray(0, offset));
  unsigned.fill(0, entry, entry + 8);
  return unsigned;
}

function findDirectory(program: Buffer, index: number): number {
  const header = program.length < 64 ? 0 : program.readUInt32LE(offsetOfPeOffset);
  const optional = header + coffHeaderBytes;
  const entry = optional + directoriesOffset + 8 * index;
  if (
    entry + 8 > program.length ||
    program.toString('latin1', 0, 2) !== 'MZ' ||
    program.toString('latin1', header, header + 4) !== 'PE\0\0' ||
    program.readUInt16LE(optional) !== peMagic
  ) {
    throw new Error('this is no 64-bit program of Windows');
  }
  return entry;
}
