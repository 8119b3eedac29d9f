import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

// Several times a bundle of all public authorities, with every certificate spelt out as text.
const maxBytes = 8 * 1024 * 1024;

/**
 * The text of a file of certificates, or undefined if `seen` has it under another name.
 *
 * @param seen files read so far, by device and inode; added to.
 * @param scratch reused for all files: hundreds of buffers would be a lot of memory before the first is collected.
 * @throws the system's error, or one saying that the file is larger than any list of certificates.
 */
export async function readBounded(
  path: string,
  seen: Set<string>,
  scratch: Buffer,
): Promise<string | undefined> {
  // Opening a FIFO that nobody writes to would wait for ever without O_NONBLOCK.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { dev, ino } = await file.stat();
    const id = `${dev}:${ino}`;
    if (seen.has(id)) return undefined;
    seen.add(id);
    // By what there is to read and not by the size that stat gives: a device has none and may have no end.
    let text = '';
    while (text.length <= maxBytes) {
      const { bytesRead } = await file.read(scratch, 0, scratch.length, null);
      if (bytesRead === 0) return text;
      text += scratch.toString('latin1', 0, bytesRead);
    }
    throw new Error(`it has more than ${maxBytes} bytes`);
  } finally {
    await file.close();
  }
}
