import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** Connections open at once; one more ends the oldest. */
  readonly maxConnections: number;
  /** How long a connection may exist, in ms, whatever it does. */
  readonly maxLifetimeMs: number;
}

/** More than a few at once are no probes. */
const highestConnections = 128;

/**
 * What the connections of a process may take.
 *
 * @param openFiles how many descriptors the process may have, of which the connections get a part
 */
export function connectionLimits(openFiles = 1024n): ConnectionLimits {
  return {
    maxConnections: Math.min(highestConnections, Math.floor(Number(openFiles) / 4)),
    // The kubelet gives a probe a second by default.
    maxLifetimeMs: 10_000,
  };
}

/**
 * Holds every connection to a time and all of them to a number, so that nobody in the Pod can use up descriptors or
 * keep probes out. When there are too many the oldest goes. That is no probe, however starved its client is: the
 * listener accepts a connection when its first bytes are there, and a whole request is answered in the next turn of the
 * event loop. What is old has begun a request and dawdles.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #sockets = new Set<Socket>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    const timer = setTimeout(() => socket.resetAndDestroy(), this.#limits.maxLifetimeMs);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
    });
    if (this.#sockets.size <= this.#limits.maxConnections) return;
    for (const oldest of this.#sockets) {
      this.#sockets.delete(oldest);
      oldest.resetAndDestroy();
      break;
    }
  }

  endAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
