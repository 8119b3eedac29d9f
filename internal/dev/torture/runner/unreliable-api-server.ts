import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as requestUpstream } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { apiServerUrl } from '../../cluster/addresses.ts';
import { authorityCertificate } from '../../cluster/certificates.ts';
import { type Listening, startListening } from '../../testing/start-listening.ts';
import type { Random } from '../random.ts';
import type { Tally } from '../tally.ts';

/**
 * The trouble of one request. `lost`: it has its effect, but there is no answer. `hung`: it has none, and there is no
 * answer either. `ignorant`: the server does not know any Roles yet. `replaced`: a load balancer or a login page answers.
 */
type Trouble =
  | { readonly kind: 'none' | 'dropped' | 'lost' | 'hung' | 'ignorant' }
  | { readonly kind: 'delayed'; readonly ms: number }
  | { readonly kind: 'replaced'; readonly status: 302 | 403 | 404 }
  | { readonly kind: 'refused'; readonly status: 410 | 429 | 500 | 503 };

/** How long it does not know any Roles after an outage, at most, ms. */
const longestIgnoranceMs = 5000;

/**
 * A proxy between the controllers and the API server: it drops, delays and refuses requests, and cuts off watches, or
 * lets them fall silent.
 */
export class UnreliableApiServer implements AsyncDisposable {
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #agent = new Agent({ ca: readFileSync(authorityCertificate), keepAlive: true });
  readonly #responses = new Set<ServerResponse>();
  #listening: Listening | undefined;
  #isAway = false;
  /** Until when it does not know any Roles, on the monotonic clock, ms. */
  #ignorantUntilMs = 0;
  /** Whether it makes trouble. If not, it only passes requests on. */
  troubled = true;

  constructor(random: Random, tally: Tally) {
    this.#random = random;
    this.#tally = tally;
  }

  /** @returns its URL */
  async start(): Promise<string> {
    const server = createServer((incoming, response) => {
      this.#responses.add(response);
      response.once('close', () => this.#responses.delete(response));
      void this.#handle(incoming, response).catch(() => response.destroy());
    });
    this.#listening = await startListening(server, { backlog: 1024 });
    return `http://127.0.0.1:${this.#listening.port}`;
  }

  /** Makes it unreachable for a while. */
  async beAway(ms: number, signal: AbortSignal): Promise<void> {
    this.#isAway = true;
    this.#tally.add('API server: away');
    for (const response of this.#responses) response.destroy();
    await pause(ms, undefined, { signal }).catch(() => {});
    this.#isAway = false;
    const ignoranceMs = this.#random.chance(0.5) ? this.#random.integer(1, longestIgnoranceMs) : 0;
    this.#ignorantUntilMs = performance.now() + ignoranceMs;
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const isWatch = incoming.url?.includes('watch=true') ?? false;
    const isList =
      incoming.method === 'GET' && /\/(pods|secrets|events|nodes)(\?|$)/.test(incoming.url ?? '');
    const trouble = this.#draw(isList);
    if (trouble.kind !== 'none') this.#tally.add(`API server: ${trouble.kind}`);
    if (trouble.kind === 'dropped') return void response.destroy();
    if (trouble.kind === 'hung') return;
    if (trouble.kind === 'ignorant') {
      const resource = incoming.url?.match(/\/(pods|secrets|events|nodes)\b/)?.[1];
      const verb = incoming.method === 'POST' ? 'create' : incoming.method === 'DELETE' ? 'delete' : 'get';
      const message = `it is forbidden: User "agent" cannot ${verb} resource "${resource}" in API group ""`;
      response.writeHead(403);
      return void response.end(JSON.stringify({ kind: 'Status', reason: 'Forbidden', message }));
    }
    if (trouble.kind === 'replaced')
      return void response.writeHead(trouble.status).end('<html>not the API server</html>');
    if (trouble.kind === 'refused') {
      response.writeHead(trouble.status, trouble.status === 410 ? {} : { 'Retry-After': '1' });
      return void response.end('{"kind":"Status","message":"by chance"}');
    }
    if (trouble.kind === 'delayed') await pause(trouble.ms);
    const upstream = requestUpstream(`${apiServerUrl}${incoming.url}`, {
      method: incoming.method,
      headers: incoming.headers,
      agent: this.#agent,
    });
    upstream.once('error', () => response.destroy());
    response.once('close', () => upstream.destroy());
    upstream.once('response', (answer) => {
      if (trouble.kind === 'lost') return void answer.resume().once('end', () => response.destroy());
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      // A watch begins without an event.
      response.flushHeaders();
      answer.pipe(response);
      if (isWatch) this.#endLater(answer, response);
    });
    incoming.pipe(upstream);
  }

  /** Ends a watch: the client is told, or nothing more comes. */
  #endLater(answer: IncomingMessage, response: ServerResponse): void {
    if (!this.troubled) return;
    const isSilent = this.#random.chance(0.01);
    const timer = setTimeout(
      () => {
        this.#tally.add(`API server: watch ${isSilent ? 'falls silent' : 'cut off'}`);
        if (isSilent) answer.unpipe(response).resume();
        else response.destroy();
      },
      this.#random.integer(300, 20_000),
    );
    response.once('close', () => clearTimeout(timer));
  }

  #draw(isList: boolean): Trouble {
    const random = this.#random;
    if (this.#isAway) return { kind: 'dropped' };
    if (performance.now() < this.#ignorantUntilMs) return { kind: 'ignorant' };
    if (!this.troubled || random.chance(0.94)) return { kind: 'none' };
    return random.weighted<Trouble>([
      [2, () => ({ kind: 'dropped' })],
      [2, () => ({ kind: 'lost' })],
      [3, () => ({ kind: 'delayed', ms: random.integer(1, 1500) })],
      [2, () => ({ kind: 'refused', status: random.pick([429, 500, 503]) })],
      [0.5, () => ({ kind: 'replaced', status: random.pick([302, 403, 404]) })],
      // Rare: a list of the events of an hour has hundreds of pages, and begins again with each.
      [isList ? 0.05 : 0, () => ({ kind: 'refused', status: 410 })],
      [0.05, () => ({ kind: 'hung' })],
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening?.close();
    this.#agent.destroy();
  }
}
