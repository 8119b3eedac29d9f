import { closeSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { openBoundSocket } from '../../syscall/linux/listening-socket.ts';

/**
 * A port of this machine without a listener during the test. The port is held. Otherwise the kernel could
 * give it to the next server of any test.
 *
 * A server that binds this port by its number can still listen there, because Node's servers set
 * SO_REUSEADDR: socket(7).
 */
export function closedPort(ip = '127.0.0.1'): number {
  const { fd, address } = openBoundSocket(ip, 0);
  onTestFinished(() => closeSync(fd));
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
