import { closeSync, writeSync } from 'node:fs';
import { F_DUPFD_CLOEXEC, F_SETFL, O_CLOEXEC, O_NONBLOCK } from './abi.ts';
import { systemCall, trySystemCall } from './system-call.ts';

/**
 * Children get some descriptors at fixed numbers. Here these descriptors must have other numbers, because
 * dup2 would close them.
 */
const firstSafeDescriptor = 10;

/**
 * A pipe, both ends close-on-exec and blocking.
 *
 * @returns read end and write end
 * @throws SystemError
 */
export function createPipe(): readonly [read: number, write: number] {
  const fds = Buffer.alloc(8);
  systemCall('pipe2', fds, O_CLOEXEC);
  return [aboveReserved(fds.readInt32LE(0)), aboveReserved(fds.readInt32LE(4))];
}

/** A pipe to a child that reads it to its end before it does anything else. */
export interface Feed {
  /** The end that the child reads. */
  readonly readEnd: number;
  /** Closes both ends here, once the child has read the bytes that did not fit into the pipe, or has ended. */
  finish(): void;
}

/**
 * Fills a pipe. The content may be secret, so it never goes into a file: others could read a file on a volume, and some
 * security modules forbid writing to files in memory.
 *
 * @throws SystemError
 */
export function feed(content: Buffer): Feed {
  const [readEnd, writeEnd] = createPipe();
  trySystemCall('fcntl', writeEnd, F_SETFL, O_NONBLOCK);
  let done = tryToWrite(writeEnd, content);
  return {
    readEnd,
    finish() {
      closeSync(readEnd);
      if (done < content.length) trySystemCall('fcntl', writeEnd, F_SETFL, 0);
      for (let count = -1; done < content.length && count !== 0; done += count) {
        count = tryToWrite(writeEnd, content.subarray(done));
      }
      closeSync(writeEnd);
    },
  };
}

/** @returns the number of bytes written. 0: the pipe is full, or nobody can read it any more */
function tryToWrite(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch {
    return 0;
  }
}

function aboveReserved(fd: number): number {
  if (fd >= firstSafeDescriptor) return fd;
  const copy = systemCall('fcntl', fd, F_DUPFD_CLOEXEC, firstSafeDescriptor);
  closeSync(fd);
  return copy;
}
