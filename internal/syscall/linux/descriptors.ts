import { closeSync, writeSync } from 'node:fs';
import { F_DUPFD_CLOEXEC, MFD_CLOEXEC, O_CLOEXEC } from './abi.ts';
import { cString } from './c-library.ts';
import { systemCall } from './system-call.ts';

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

/** An anonymous file in memory that holds `content`. @throws SystemError */
export function createMemoryFile(name: string, content: Buffer): number {
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
