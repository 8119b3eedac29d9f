import { createServer } from 'node:net';
import { delay } from '../delay.ts';

const pollIntervalMs = 200;

/**
 * Waits until no other process of this machine does the same work, and keeps others out until the lock is disposed of.
 * The kernel releases it with the process, however that ends: it is an abstract socket, unix(7).
 *
 * @param onWait called if the lock is not free
 * @throws the signal's reason
 */
export async function acquireLock(
  name: string,
  signal: AbortSignal,
  onWait: () => void,
): Promise<AsyncDisposable> {
  for (let waits = false; ; waits = true) {
    signal.throwIfAborted();
    const server = createServer();
    const acquired = await new Promise<boolean>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') resolve(false);
        else reject(error);
      });
      server.listen(`\0runner-init-${name}`, () => resolve(true));
    });
    if (acquired)
      return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
    if (!waits) onWait();
    await delay(pollIntervalMs, signal);
  }
}
