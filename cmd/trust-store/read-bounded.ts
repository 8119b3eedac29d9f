import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

// Mozilla's bundle has 0.2 MB, one with every certificate spelt out as text 1 MB.
const maxBytes = 8 * 1024 * 1024;
const chunkBytes = 65_536;

/**
 * The text of a file of certificates, or undefined if `seen` has it under another name.
 *
 * @param seen files read so far, by device and inode; added to.
 * @throws the system's error, or one saying that the file is larger than any list of certificates.
 */
export async function readBounded(path: string, seen: Set<string>): Promise<string | undefined> {
  // Opening a FIFO that nobody writes to would wait for ever without O_NONBLOCK.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { dev, ino } = await file.stat();
    const id = `${dev}:${ino}`;
    if (seen.has(id)) return undefined;
    seen.add(id);
    // By what there is to read and not by the size that stat gives: a device has none and may have no end.
    const chunks: Buffer[] = [];
    for (let length = 0; length <= maxBytes; ) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, null);
      if (bytesRead === 0) return Buffer.concat(chunks).toString('latin1');
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    throw new Error(`it has more than ${maxBytes} bytes`);
  } finally {
    await file.close();
  }
}
