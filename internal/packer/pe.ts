/* The part of Microsoft's PE format that a build needs. The specification is called "PE Format". */

const offsetOfPeOffset = 60;
const coffHeaderBytes = 24;
const peMagic = 0x20b;
/** The place of the directories in the optional header of 64-bit programs. Each directory has 8 bytes. */
const directoriesOffset = 112;
const certificateTable = 4;

/**
 * Removes the signature from a 64-bit program of Windows. It becomes invalid when something is added to the program. An
 * invalid signature is worse than none, and prevents a new one.
 *
 * @returns a copy without the signature, which is at the file's end
 * @throws Error if this is not such a program, or its signature is elsewhere
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
  )
    throw new Error('this is not a 64-bit program for Windows');
  return entry;
}
