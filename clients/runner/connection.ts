import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { connectOnce } from '../../internal/http/connect-once.ts';
import type { Route } from '../../internal/http/route.ts';
import { skipInterim } from '../../internal/http/skip-interim.ts';

/**
 * How long a connection waits for another request, ms. Servers and gateways wait longer (5 s and more by default), or
 * say how long in `Keep-Alive`, which undici heeds.
 */
const idleMs = 4000;

/** The age at which a connection gets no more requests, ms. So a name that moves to other addresses is followed. */
const maxAgeMs = 60_000;

/** A connection to the runner API, by its route. It begins with the first request, and once it has ended it stays so. */
export class Connection {
  readonly route: Route;
  readonly #client: Client;
  readonly #end = new AbortController();
  readonly #madeMs = performance.now();
  #socket: Socket | undefined;
  #mayFollow = false;

  /**
   * @param origin scheme, host and port of the runner API
   * @param onEnded called when either side has ended the connection
   */
  constructor(origin: string, route: Route, onEnded: () => void) {
    this.route = route;
    this.#client = new Client(origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMs,
      connect: connectOnce(async () => {
        this.#socket = await route.connect(this.#end.signal);
        return skipInterim(this.#socket);
      }),
    });
    this.#client.once('disconnect', onEnded);
  }

  /** Whether the server was reached, including TLS and a proxy if there is one. */
  get wasReached(): boolean {
    return this.#socket !== undefined;
  }

  /** Whether another request may be sent on it. */
  get isReusable(): boolean {
    const isYoung = performance.now() - this.#madeMs < maxAgeMs;
    return this.#mayFollow && isYoung && this.#client.stats.connected;
  }

  /** Sends a request. There is no other one at this time. */
  send(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    if (this.#mayFollow && this.#socket !== undefined) skipInterim(this.#socket);
    this.#mayFollow = false;
    this.#client.dispatch(options, handler);
  }

  /** The answer is complete, and the server may accept another request. */
  letOthersFollow(): void {
    this.#mayFollow = true;
  }

  /** Ends the connection at once. Settles when it is gone. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#client.destroy();
  }
}

/** Opens connections, and has those that calls have left open for the next ones. */
export class Connections {
  readonly #origin: string;
  readonly #route: Route;
  #idle: readonly Connection[] = [];

  /** @param origin scheme, host and port of the runner API */
  constructor(origin: string, route: Route) {
    this.#origin = origin;
    this.#route = route;
  }

  /** @param mayBeUsed whether it may be one that was left open: the one that was used last, so that the others may end */
  take(mayBeUsed: boolean): Connection {
    const latest = mayBeUsed ? this.#idle.findLast(({ isReusable }) => isReusable) : undefined;
    if (latest === undefined) return this.#open();
    this.#forget(latest);
    return latest;
  }

  /** Keeps a connection open for others, if another request may follow on it. If not, settles when it is gone. */
  async leave(connection: Connection): Promise<void> {
    if (connection.isReusable) this.#idle = [...this.#idle, connection];
    else await connection.close();
  }

  /** Ends those that were left open. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.map((connection) => connection.close()));
  }

  #open(): Connection {
    const connection = new Connection(this.#origin, this.#route, () => this.#forget(connection));
    return connection;
  }

  #forget(connection: Connection): void {
    this.#idle = this.#idle.filter((other) => other !== connection);
  }
}
