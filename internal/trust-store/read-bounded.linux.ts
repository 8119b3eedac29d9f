import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

// Several times the size of a bundle of all public authorities, with every certificate printed as text.
const maxBytes = 8 * 1024 * 1024;

/**
 * The text of a file of certificates, or undefined if `seen` has it under another name.
 *
 * @param seen the files read so far, by device and inode. This file is added
 * @param scratch one buffer for all files: hundreds of buffers would use much memory before the first is collected
 * @throws the system's error, or an error that the file is larger than any list of certificates
 */
export async function readBounded(
  path: string,
  seen: Set<string>,
  scratch: Buffer,
): Promise<string | undefined> {
  // Without O_NONBLOCK, opening a FIFO without a writer would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { dev, ino } = await file.stat();
    const id = `${dev}:${ino}`;
    if (seen.has(id)) return undefined;
    seen.add(id);
    // Counts the bytes that were read, because the size from stat is not reliable: a device has no size and
    // may have no end.
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
