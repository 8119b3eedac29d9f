import { execFileSync } from 'node:child_process';
import { constants, mkdtempDisposableSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Descriptors of a pipe. */
export interface Fifo {
  /** With O_NONBLOCK. */
  readonly readEnd: number;
  readonly writeEnd: number;
}

/**
 * Opens a named pipe, as container engines do for a container's output. Its name is gone again.
 *
 * @param nonBlocking the write end has O_NONBLOCK too, as if another process that shares it had set it
 */
export function openFifo({ nonBlocking = false } = {}): Fifo {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'fifo-'));
  const path = join(folder.path, 'fifo');
  execFileSync('mkfifo', [path]);
  // Without O_NONBLOCK an open of one end waits for the other.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY | (nonBlocking ? constants.O_NONBLOCK : 0));
  return { readEnd, writeEnd };
}
