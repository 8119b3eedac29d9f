import { closeSync, fchownSync, openSync } from 'node:fs';
import { FdWriter } from '../../internal/output/fd-writer.ts';
import { createPipe } from '../../internal/syscall/linux/descriptors.ts';
import type { ChildSpec, User } from './processes.ts';

/**
 * Opens what becomes a child's stdin: a pipe for what is written to it, else the null device.
 *
 * @param ours gets our end, `forChild` the child's; closing them is up to the caller
 * @returns our end of the pipe, if it is one
 */
export function openStdin(spec: ChildSpec, ours: number[], forChild: number[]): number | undefined {
  if (spec.stdin === undefined) {
    forChild.push(openNullDevice());
    return undefined;
  }
  const [readEnd, writeEnd] = createPipe();
  forChild.push(readEnd);
  ours.push(writeEnd);
  return writeEnd;
}

/**
 * Makes a user the owner of pipes. Opening /dev/stderr or /dev/stdin opens the pipe behind it anew, which is its owner's right only; container
 * engines give a container's user the standard descriptors, too.
 *
 * @param pipes of this child alone: the null device is everybody's
 */
export function giveTo(user: User | undefined, pipes: readonly number[]): void {
  if (user === undefined) {
    return;
  }
  for (const fd of pipes) {
    try {
      fchownSync(fd, user.uid, user.gid);
    } catch {
      // Without CAP_CHOWN it has to do with the descriptors alone.
    }
  }
}

/**
 * Opens a pipe from a child to us.
 *
 * @param ours gets our end, `forChild` the child's; closing them is up to the caller
 * @returns our end, for reading
 */
export function openPipe(ours: number[], forChild: number[]): number {
  const [readEnd, writeEnd] = createPipe();
  ours.push(readEnd);
  forChild.push(writeEnd);
  return readEnd;
}

function openNullDevice(): number {
  try {
    return openSync('/dev/null', 'r');
  } catch {
    // Some minimal images lack it; a pipe that nobody writes to reads the same.
    const [readEnd, writeEnd] = createPipe();
    closeSync(writeEnd);
    return readEnd;
  }
}

/** Writes without waiting for the child, whose own affair it is whether it reads. */
export function writeAndClose(fd: number, text: string): void {
  const pipe = new FdWriter(fd, { highWaterMark: 0 });
  pipe.write(text);
  void pipe.whenDrained().then(() => closeSync(fd));
}
