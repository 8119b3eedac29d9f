import { createServer } from 'node:net';
import { delay } from '../delay.ts';

const pollIntervalMs = 200;

/**
 * Waits until no other process of this machine is at the same work, and keeps others from it until it is disposed of.
 * The kernel gives it back with the process, however that ends: it is an abstract socket, unix(7).
 *
 * @param onWait is called when it has to be waited for
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
    if (acquired) {
      return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
    }
    if (!waits) onWait();
    await delay(pollIntervalMs, signal);
  }
}
