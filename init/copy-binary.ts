import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { Failure } from '../internal/failure.ts';
import type { Binaries } from './binaries.ts';
import { codeOf, readFailure, writeFailure } from './init-failure.ts';
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
  const { size } = inspectSource(source);
  await replaceFile(target, async (part) => {
    if (!(await copiedDirectly(source, part, size, binaries, step))) await copyByPieces(source, part, step);
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

/** Read and written at a time. */
const pieceBytes = 512 * 1024;

/**
 * Works on every volume. Some kernels and file systems refuse to copy a file themselves, or only seem to: see
 * docs/decisions/copying.md.
 */
async function copyByPieces(source: string, part: string, step: () => Promise<void>): Promise<void> {
  const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = constants;
  const from = openSync(source, O_RDONLY);
  try {
    const { mode, size } = fstatSync(from);
    // The copy belongs to the user who runs init. With set-user-ID it would run as another user than the
    // original.
    const bits = mode & 0o777;
    const to = openSync(part, O_WRONLY | O_CREAT | O_EXCL, bits);
    try {
      setBits(to, bits);
      await copyContent(from, to, size, step);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

/** The umask may have cleared some of the bits. */
function setBits(fd: number, bits: number): void {
  try {
    fchmodSync(fd, bits);
  } catch (error) {
    // An SMB volume may refuse any change. The bits of the copy are checked later.
    if (codeOf(error) !== 'EPERM') throw error;
  }
}

async function copyContent(from: number, to: number, size: number, step: () => Promise<void>): Promise<void> {
  const piece = Buffer.allocUnsafeSlow(pieceBytes);
  for (let offset = 0; offset < size; ) {
    const count = readSync(from, piece, 0, pieceBytes, offset);
    if (count === 0) throw new Error('the file is shorter than it was');
    for (let written = 0; written < count; ) {
      written += writeSync(to, piece, written, count - written, offset + written);
    }
    offset += count;
    await step();
  }
}

/** Checked before the file is opened: opening a FIFO would wait for a writer. */
function inspectSource(source: string): { size: number } {
  try {
    const stats = statSync(source);
    if (!stats.isFile()) throw new Error(stats.isDirectory() ? 'is a directory' : 'is not a regular file');
    accessSync(source, constants.R_OK);
    return stats;
  } catch (error) {
    throw readFailure(`cannot copy ${source}`, error, 'look at SOURCE and at the image');
  }
}
