import { accessSync, chmodSync, constants, copyFile, copyFileSync, rmSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { Failure } from '../internal/failure.ts';
import type { Binaries } from './binaries.ts';
import { readFailure, writeFailure } from './init-failure.ts';
import { replaceFile } from './part-file.ts';

/**
 * Copies a file byte for byte and replaces `target` with the copy. The copy has the same permission bits,
 * whatever the umask is. A symbolic link is followed at `source` and replaced at `target`.
 *
 * @param step called now and then, the last time when the copy is complete but not in place yet. It may throw
 * to stop
 * @returns bytes
 * @throws Failure of kind init that names the paths, or what `step` throws
 */
export async function copyBinary(
  source: string,
  target: string,
  binaries: Binaries,
  step: () => Promise<void>,
): Promise<number> {
  const { mode, size } = inspectSource(source);
  await replaceFile(target, async (part) => {
    if (!(await copiedDirectly(source, part, size, binaries, step))) {
      await copyByKernel(source, part, { mode, size });
    }
    await step();
  }).catch((error: unknown) => {
    throw writeFailure(`cannot copy ${source} to ${target}`, error);
  });
  return size;
}

/**
 * This way takes the least CPU (docs/decisions/copying.md). It is used only if memory cannot hold the copy.
 * Then the copy has to go to the disk anyway. Otherwise the task would have to start from the disk without
 * need. On any error the other way of copying takes over, and reports the cause.
 */
async function copiedDirectly(
  source: string,
  part: string,
  size: number,
  { copyDirectly }: Binaries,
  step: () => Promise<void>,
): Promise<boolean> {
  if (copyDirectly === undefined || size <= process.availableMemory()) return false;
  try {
    await copyDirectly(source, part, step);
    return true;
  } catch (error) {
    if (error instanceof Failure) throw error;
    rmSync(part, { force: true });
    return false;
  }
}

const smallBytes = 16 * 2 ** 20;

/**
 * copyFile leaves the work to the kernel: a clone if the file system supports it, or else copy_file_range(2)
 * or sendfile(2). These take as much CPU as `cp`. The price: copyFile cannot be interrupted. A small file is
 * not worth a thread.
 */
async function copyByKernel(
  source: string,
  part: string,
  { mode, size }: { mode: number; size: number },
): Promise<void> {
  const how = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
  if (size <= smallBytes) copyFileSync(source, part, how);
  else await promisify(copyFile)(source, part, how);
  // The copy belongs to the user who runs init. With set-user-ID it would run as another user than the
  // original.
  if ((mode & 0o7000) !== 0) chmodSync(part, mode & 0o777);
}

/** Checked before the file is opened: opening a FIFO would wait for a writer. */
function inspectSource(source: string): { mode: number; size: number } {
  try {
    const stats = statSync(source);
    if (!stats.isFile()) throw new Error(stats.isDirectory() ? 'is a directory' : 'is not a regular file');
    accessSync(source, constants.R_OK);
    return stats;
  } catch (error) {
    throw readFailure(`cannot copy ${source}`, error, 'look at SOURCE and at the image');
  }
}
