import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** The most connections at a time. One more ends the oldest. */
  readonly maxConnections: number;
  /** The longest life of a connection, in ms. */
  readonly maxLifetimeMs: number;
}

/** Probes only need a few at a time. */
const highestConnections = 128;

/**
 * The limits of a process's connections.
 *
 * @param openFiles the most descriptors of the process. The connections get a part of them
 */
export function connectionLimits(openFiles = 1024n): ConnectionLimits {
  return {
    maxConnections: Math.min(highestConnections, Math.floor(Number(openFiles) / 4)),
    // The kubelet gives a probe one second by default.
    maxLifetimeMs: 10_000,
  };
}

/**
 * Limits the number of connections and the life of each. So no program in the Pod can use up descriptors or
 * keep probes out. If there are too many connections, the oldest ends. The oldest is not a probe, even if the
 * probe's client gets little CPU: the listener accepts a connection when its first bytes have arrived, and a
 * whole request is answered in the next turn of the event loop. An old connection has started a request and
 * not finished it.
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
