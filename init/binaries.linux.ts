import { constants } from 'node:fs';
import { access, type FileHandle, open, stat } from 'node:fs/promises';
import { verifyPackedFile } from '../internal/launcher/trailer.ts';
import { findFormatObstacle, headerLength } from './elf.ts';
import { findNoexecMount } from './mount-options.ts';
import type { Obstacle, Platform } from './platform.ts';

export const linux: Platform = {
  copies: [
    { from: 'orchestrator', to: 'orchestrator' },
    { from: 'circleci-agent', to: 'circleci-agent' },
  ],
  link: { name: 'circleci', to: 'circleci-agent' },

  async findObstacle(path) {
    const mode = (await stat(path)).mode & 0o777;
    const octal = `mode 0${mode.toString(8).padStart(3, '0')}`;
    if ((mode & 0o111) === 0) {
      return { fatal: true, text: `${path} has no x bits (${octal}); set them on the file in the image` };
    }
    const denied = await isDenied(path);
    const file = await openIfReadable(path);
    try {
      if (denied) return { fatal: true, text: `${path} ${await reasonOfDenial(file, octal)}` };
      const obstacle = file && (findFormatObstacle(path, await readHeader(file)) ?? (await findDamage(path)));
      return obstacle ?? findMissingBits(path, mode, octal);
    } finally {
      await file?.close();
    }
  },
};

/** access(2) fails with EACCES for execution on a `noexec` mount, whatever the x bits are, for root too. */
async function isDenied(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => false,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES') return true;
      throw error;
    },
  );
}

/** A program may have x bits and no r bits: then there is less to look at, which is no obstacle. */
async function openIfReadable(path: string): Promise<FileHandle | undefined> {
  return open(path).catch(() => undefined);
}

async function reasonOfDenial(file: FileHandle | undefined, octal: string): Promise<string> {
  const mountPoint = file && (await findNoexecMount(file.fd));
  return mountPoint === undefined
    ? `may not be executed by uid ${process.getuid?.()} (EACCES, ${octal}); look at its x bits and its volume`
    : `cannot be executed: ${mountPoint} is mounted noexec; mount the volume without that option`;
}

async function readHeader(file: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headerLength), 0, headerLength, 0);
  return buffer.subarray(0, bytesRead);
}

/**
 * Node itself, by far the largest part, is not read again: under an init container's limits that takes longer than
 * the copy, and the kernel's copy of a file is no likelier to be wrong than its reading of it.
 */
const largestVerifiedPart = 16 * 2 ** 20;

/** Only our own executable carries checksums; a file without them is taken as it is. */
async function findDamage(path: string): Promise<Obstacle | undefined> {
  return verifyPackedFile(path, largestVerifiedPart).then(
    () => undefined,
    (error: Error) => ({ fatal: true, text: error.message }),
  );
}

/** The task's container may run as any user. */
function findMissingBits(path: string, mode: number, octal: string): Obstacle | undefined {
  if ((mode & 0o111) === 0o111) return undefined;
  return { fatal: false, text: `${path} may not be executed by every user (${octal})` };
}
