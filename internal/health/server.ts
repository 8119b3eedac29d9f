import { createServer } from 'node:net';
import { Connections } from './connections.ts';
import { serveOneRequest } from './exchange.ts';
import { listen } from './listen.ts';
import { type Component, respond } from './responses.ts';

export interface HealthServerOptions {
  /** `host:port` or `:port`: see `parseListenAddress`. */
  readonly address: string;
  readonly component: Component;
  /** Connections open at once; more end the oldest ones. Default 128. Give less where descriptors are scarce. */
  readonly maxConnections?: number;
  /** How long a connection may last, in ms. Default 10 s; the kubelet's probes take a second by default. */
  readonly maxLifetimeMs?: number;
}

export interface HealthServer {
  /** Where it listens: `[::]:7623`, or `0.0.0.0:7623` where there is no IPv6. */
  readonly address: string;
  /** From now on `/ready` answers 200. */
  setReady(): void;
  /** Stops listening and ends every connection at once. */
  close(): Promise<void>;
}

/**
 * Serves `/live` and `/ready` to the probes of the container runner, one request a connection. At rest it has no
 * timer.
 *
 * It does without node:http, whose parser makes objects for every pipelined request of a chunk before the first one
 * is answered: clients that do that made it take hundreds of MB. It also takes 1.6 ms more to start.
 *
 * Throws a `Failure`: `usage` if the address makes no sense, `health-server` if it cannot listen there.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const state = { component: options.component, ready: false };
  const connections = new Connections({
    maxConnections: options.maxConnections ?? 128,
    maxLifetimeMs: options.maxLifetimeMs ?? 10_000,
  });
  const server = createServer({ noDelay: true }, (socket) => {
    connections.add(socket);
    serveOneRequest(socket, (method, target) => respond(method, target, state, new Date()));
  });
  const address = await listen(server, options.address);
  // A connection that could not be accepted is the client's loss and not our end.
  server.on('error', () => {});
  return {
    address,
    setReady: () => {
      state.ready = true;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      connections.endAll();
      await closed;
    },
  };
}
