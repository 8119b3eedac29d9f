import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { Splice } from '../internal/syscall/linux/splice.ts';

/** Bytes between two turns of the event loop, where signals arrive. */
const chunkBytes = 16 * 2 ** 20;
/** What direct I/O is counted in; a disk that wants more than that refuses. */
const blockBytes = 4096;

/**
 * Copies a file from the page cache to the disk, past the page cache of the copy: the processor copies nothing.
 *
 * @param target must not exist; is left behind, unfinished, when this throws
 * @param onChunk called now and then; may throw to give up
 * @throws Error where the file system or the kernel cannot do that, too
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
