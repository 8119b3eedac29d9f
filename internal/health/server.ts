import { type ConnectionLimits, Connections } from './connections.ts';
import { serveOneRequest } from './exchange.ts';
import type { Listener } from './listener.ts';
import { type Component, respond } from './responses.ts';

/**
 * Serves `/live` and `/ready` to the probes of the container runner, one request a connection. At rest it has no
 * timer.
 *
 * It does without node:http, whose parser makes objects for every pipelined request of a chunk before the first one
 * is answered: one client could use up the memory (docs/decisions/health-server-without-http-module.md).
 */
export class HealthServer {
  readonly #listener: Listener;
  readonly #connections: Connections;
  #isReady = false;
  /** Resolves when requests are answered, some turns of the event loop later. */
  readonly serving: Promise<void>;

  constructor(listener: Listener, component: Component, limits: ConnectionLimits) {
    this.#listener = listener;
    this.#connections = new Connections(limits);
    this.serving = listener.serve((connection) => {
      this.#connections.add(connection);
      serveOneRequest(connection, (method, target) =>
        respond(method, target, { component, ready: this.#isReady }, new Date()),
      );
    });
  }

  /** Where it listens: `[::]:7623`, or `0.0.0.0:7623` where there is no IPv6. */
  get address(): string {
    return this.#listener.address;
  }

  /** From now on `/ready` answers 200. */
  setReady(): void {
    this.#isReady = true;
  }

  /** Stops listening and ends every connection at once. */
  close(): void {
    this.#listener.close();
    this.#connections.endAll();
  }
}
