import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SocketOpener } from './socket-opener.ts';

/**
 * Opens a connection to the host of a URL, with TLS for https, and through `over` if that is given. When the
 * signal fires, the connection is destroyed, even if it is in use.
 */
export type Dial = (to: URL, signal: AbortSignal, over?: Duplex) => Promise<Socket>;

export interface Dialer {
  readonly dial: Dial;
  /** Settles when no connection is left. The signals have to end the connections. */
  closed(): Promise<unknown>;
}

/**
 * @param ca the only trusted certificates, each in PEM. Verification cannot be switched off.
 */
export function createDialer(ca: readonly string[]): Dialer {
  const opener = new SocketOpener(ca);
  const connections = new Set<Promise<void>>();
  const track = (socket: Socket) => {
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        connections.delete(closed);
        resolve();
      });
    });
    connections.add(closed);
  };

  const dial: Dial = (to, signal, over) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const { socket, ready } = opener.open(to, over);
      track(socket);
      signal.addEventListener('abort', () => socket.destroy(), { once: true });
      socket.on('error', reject); // Stays for good: an error after the end of an attempt has no other listener.
      socket.once('close', () => reject(new Error('the connection was closed while it was being set up')));
      socket.once(ready, () => resolve(socket));
    });
  return { dial, closed: () => Promise.all(connections) };
}
