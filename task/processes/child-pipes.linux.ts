import { closeSync, fchownSync, openSync } from 'node:fs';
import { FdWriter } from '../../internal/output/fd-writer.ts';
import { createPipe } from '../../internal/syscall/linux/descriptors.ts';
import type { ChildSpec, User } from './processes.ts';

/**
 * Opens a child's stdin: a pipe if there is text for it, or else the null device.
 *
 * @param ours gets our end, `forChild` the child's. The caller closes them
 * @returns our end of the pipe, if there is a pipe
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
 * Makes a user the owner of pipes. Opening /dev/stderr or /dev/stdin opens the pipe again, and only the
 * pipe's owner may do that. Container engines also give the standard descriptors to the container's user.
 *
 * @param pipes of this child only, not the null device, which everyone shares
 */
export function giveTo(user: User | undefined, pipes: readonly number[]): void {
  if (user === undefined) return;
  for (const fd of pipes) {
    try {
      fchownSync(fd, user.uid, user.gid);
    } catch {
      // Without CAP_CHOWN the child only has the open descriptors.
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
    // Some minimal images lack it. Reading a pipe without a writer gives the same result.
    const [readEnd, writeEnd] = createPipe();
    closeSync(writeEnd);
    return readEnd;
  }
}

/** Writes without waiting for the child. The child need not read. */
export function writeAndClose(fd: number, text: string): void {
  const pipe = new FdWriter(fd, { highWaterMark: 0 });
  pipe.write(text);
  void pipe.whenDrained().then(() => closeSync(fd));
}
