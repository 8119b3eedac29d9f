import { closeSync, writeSync } from 'node:fs';
import { F_DUPFD_CLOEXEC, F_SETFL, F_SETPIPE_SZ, MFD_CLOEXEC, O_CLOEXEC, O_NONBLOCK } from './abi.ts';
import { cString } from './c-library.ts';
import { systemCall, trySystemCall } from './system-call.ts';

/**
 * Children get some descriptors at fixed numbers. Here these descriptors must have other numbers, because
 * dup2 would close them.
 */
const firstSafeDescriptor = 10;

/** A pipe, both ends close-on-exec and blocking. @returns read end and write end @throws SystemError */
export function createPipe(): readonly [read: number, write: number] {
  const fds = Buffer.alloc(8);
  systemCall('pipe2', fds, O_CLOEXEC);
  return [aboveReserved(fds.readInt32LE(0)), aboveReserved(fds.readInt32LE(4))];
}

/**
 * A descriptor from which a child can read `content`. Secrets can be in it, so it is never a file that others can see:
 * it is a pipe that has taken in everything, or a file in memory if that is more than a pipe may hold. Some security
 * modules forbid to write to files in memory.
 *
 * @throws SystemError
 */
export function openToRead(name: string, content: Buffer): number {
  const [readEnd, writeEnd] = createPipe();
  try {
    if (fillPipe(writeEnd, content)) return readEnd;
  } finally {
    closeSync(writeEnd);
  }
  closeSync(readEnd);
  return createMemoryFile(name, content);
}

/** Of a pipe, in bytes: pipe(7). */
const usualCapacity = 65_536;

/** Without waiting for a reader. A pipe may hold less than usual: pipe(7), pipe-user-pages-soft. */
function fillPipe(fd: number, content: Buffer): boolean {
  trySystemCall('fcntl', fd, F_SETFL, O_NONBLOCK);
  if (content.length > usualCapacity) trySystemCall('fcntl', fd, F_SETPIPE_SZ, content.length);
  try {
    return writeSync(fd, content) === content.length;
  } catch {
    return false;
  }
}

/** The position stays at the start. */
function createMemoryFile(name: string, content: Buffer): number {
  const fd = aboveReserved(systemCall('memfd_create', cString(name), MFD_CLOEXEC));
  for (let offset = 0; offset < content.length; ) {
    offset += writeSync(fd, content, offset, content.length - offset, offset);
  }
  return fd;
}

function aboveReserved(fd: number): number {
  if (fd >= firstSafeDescriptor) {
    return fd;
  }
  const copy = systemCall('fcntl', fd, F_DUPFD_CLOEXEC, firstSafeDescriptor);
  closeSync(fd);
  return copy;
}
