import { closeSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { openBoundSocket } from '../../syscall/linux/listening-socket.ts';

/**
 * A port of this machine where nobody listens while the test runs. It is held: a port that was only free a moment ago
 * is given to the next server of any test that asks for one.
 *
 * Whoever binds this port by its number may listen there, as Node's servers set SO_REUSEADDR: socket(7).
 */
export function closedPort(ip = '127.0.0.1'): number {
  const { fd, address } = openBoundSocket(ip, 0);
  onTestFinished(() => closeSync(fd));
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
