import { type ConnectionLimits, Connections } from './connections.ts';
import { serveOneRequest } from './exchange.ts';
import type { Listener } from './listener.ts';
import { type Health, respond } from './responses.ts';

/**
 * Serves `/live` and `/ready` to the probes of Kubernetes, and a program's own pages, one request per
 * connection. An idle server has no timer.
 *
 * It does not use node:http. Its parser makes objects for every pipelined request of a chunk before the first
 * one is answered, so one client could use up the memory
 * (docs/decisions/health-server-without-http-module.md).
 */
export class HealthServer {
  readonly #listener: Listener;
  readonly #connections: Connections;
  /** Resolves when requests are answered. This takes some turns of the event loop. */
  readonly serving: Promise<void>;

  constructor(listener: Listener, health: Health, limits: ConnectionLimits) {
    this.#listener = listener;
    this.#connections = new Connections(limits);
    this.serving = listener.serve((connection) => {
      this.#connections.add(connection);
      serveOneRequest(connection, (method, target) => respond(method, target, health, new Date()));
    });
  }

  /** The address that it listens on: `[::]:7623`, or `0.0.0.0:7623` without IPv6. */
  get address(): string {
    return this.#listener.address;
  }

  /** Stops listening and ends every connection at once. */
  close(): void {
    this.#listener.close();
    this.#connections.endAll();
  }
}
