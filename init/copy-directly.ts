import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { MappedFile } from '../internal/syscall/linux/mapped-file.ts';

/** Bytes written at a time: they are held in memory meanwhile, and a write is not interrupted. */
const chunkBytes = 4 * 2 ** 20;
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
  using opened = new DisposableStack();
  const from = opened.adopt(openSync(source, constants.O_RDONLY), closeSync);
  const { size, mode } = fstatSync(from);
  const { O_WRONLY, O_CREAT, O_EXCL, O_DIRECT } = constants;
  const to = opened.adopt(openSync(target, O_WRONLY | O_CREAT | O_EXCL | O_DIRECT, 0o600), closeSync);
  const mapped = opened.use(new MappedFile(from, size));
  const end = Math.ceil(size / blockBytes) * blockBytes;
  for (let offset = 0; offset < end; await onChunk()) {
    offset += mapped.writeTo(to, offset, Math.min(chunkBytes, end - offset));
  }
  ftruncateSync(to, size);
  fchmodSync(to, mode & 0o777);
}
