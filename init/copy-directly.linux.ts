import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { Splice } from '../internal/syscall/linux/splice.ts';

/** Bytes between two turns of the event loop, where signals arrive. */
const chunkBytes = 16 * 2 ** 20;
/** The unit of direct I/O. A disk that needs a larger unit refuses. */
const blockBytes = 4096;

/**
 * Copies a file from its page cache to the disk, and not through the page cache of the copy. The processor
 * copies nothing.
 *
 * @param target must not exist. If this throws, an unfinished file stays there
 * @param onChunk called now and then. It may throw to stop the copying
 * @throws Error, also if the file system or the kernel does not support this
 */
export async function copyDirectly(
  source: string,
  target: string,
  onChunk: () => Promise<void>,
): Promise<void> {
  const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECT } = constants;
  using opened = new DisposableStack();
  const open = (path: string, flags: number) => opened.adopt(openSync(path, flags, 0o600), closeSync);
  const from = open(source, O_RDONLY);
  const { size, mode } = fstatSync(from);
  const to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_DIRECT);
  const splice = opened.use(new Splice());
  splice.stopReadingAhead(from);
  const end = size - (size % blockBytes);
  for (let offset = 0; offset < end; offset += chunkBytes) {
    splice.copy(from, to, Math.min(chunkBytes, end - offset));
    await onChunk();
  }
  const tail = Buffer.alloc(size - end);
  const written = writeSync(open(target, O_WRONLY), tail, 0, readSync(from, tail, 0, tail.length, end), end);
  if (written < tail.length) throw new Error('the end is missing');
  fchmodSync(to, mode & 0o777);
}
