import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { verifyTable } from '../internal/launcher/trailer.ts';
import type { Binaries, Obstacle } from './binaries.ts';
import { copyDirectly } from './copy-directly.linux.ts';
import { findFormatObstacle, headLength } from './elf.linux.ts';
import { codeOf } from './init-failure.ts';
import { findNoexecMount } from './noexec-mount.linux.ts';

/** This file also needs r bits where it is executed: its launcher maps the rest of the file. */
const readsItself = 'orchestrator';

export const binaries: Binaries = {
  copies: [
    { from: readsItself, to: readsItself },
    { from: 'circleci-agent', to: 'circleci-agent' },
  ],
  link: { name: 'circleci', to: 'circleci-agent' },

  copyDirectly,

  findObstacle(path) {
    const { size, mode: typeAndMode } = statSync(path);
    const mode = typeAndMode & 0o777;
    const octal = `mode 0${mode.toString(8).padStart(3, '0')}`;
    if ((mode & 0o111) === 0)
      return { fatal: true, text: `${path} has no x bits (${octal}); set them on the file in the image` };
    const denied = isDenied(path);
    const fd = openIfReadable(path);
    try {
      if (denied) return { fatal: true, text: `${path} ${reasonOfDenial(fd, octal)}` };
      const obstacle =
        fd === undefined ? undefined : (findFormatObstacle(path, readHead(fd), size) ?? findDamage(path));
      return obstacle ?? findMissingBits(path, mode, octal);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  },
};

/**
 * On a `noexec` mount, access(2) for execution fails with EACCES, also for root and whatever the x bits are.
 */
function isDenied(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return false;
  } catch (error) {
    if (codeOf(error) === 'EACCES') return true;
    throw error;
  }
}

/** A program may have x bits but no r bits. Then fewer checks are possible. */
function openIfReadable(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY);
  } catch {
    return undefined;
  }
}

function reasonOfDenial(fd: number | undefined, octal: string): string {
  const mountPoint = fd === undefined ? undefined : findNoexecMount(fd);
  return mountPoint === undefined
    ? `may not be executed by uid ${process.getuid?.()} (EACCES, ${octal}); look at its x bits and its volume`
    : `cannot be executed: ${mountPoint} is mounted noexec; mount the volume without that option`;
}

function readHead(fd: number): Buffer {
  const head = Buffer.alloc(headLength);
  return head.subarray(0, readSync(fd, head, 0, headLength, 0));
}

/**
 * Only our own executable describes its contents. Other files are not checked. Only the table of contents is
 * read again: it is missing if the file was cut short. Reading more would not help, because copying is as
 * reliable as reading, and the launcher checks at every start the parts that it needs as a whole.
 */
function findDamage(path: string): Obstacle | undefined {
  try {
    verifyTable(path);
    return undefined;
  } catch (error) {
    return { fatal: true, text: error instanceof Error ? error.message : String(error) };
  }
}

/** The task's container may run as any user. The kernel needs no r bits to execute a program. */
function findMissingBits(path: string, mode: number, octal: string): Obstacle | undefined {
  if ((mode & 0o111) !== 0o111)
    return { fatal: false, text: `${path} may not be executed by every user (${octal})` };
  if (basename(path) === readsItself && (mode & 0o444) !== 0o444)
    return {
      fatal: false,
      text: `${path} has to be read to start, and may not be read by every user (${octal})`,
    };
  return undefined;
}
