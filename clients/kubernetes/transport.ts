import { Agent, type Dispatcher } from 'undici';
import { timeLimit } from '../../internal/delay.ts';
import { allowH2, createConnector } from './create-connector.ts';
import type { Credentials } from './credentials/credentials.ts';
import { AnswerTooLongError, NoAnswerError } from './kubernetes-error.ts';
import { readObject } from './read-object.ts';
import { readRefusal } from './read-refusal.ts';
import type { Verb } from './resources.ts';

/** One request to the API server. */
export interface KubernetesRequest {
  readonly verb: Verb;
  /** For metrics: the resource's name, and its subresource after a slash. */
  readonly resource: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The media type of the answer (default: JSON). */
  readonly accept?: string;
}

/** The result of a request, for metrics: the HTTP status, or 0 if there was no answer. */
export type Observe = (request: Pick<KubernetesRequest, 'verb' | 'resource'>, status: number) => void;

export interface TransportSettings {
  readonly credentials: Credentials;
  readonly userAgent: string;
  readonly observe: Observe;
  /** The time for a request and its answer. If the answer is a stream, only up to its status, ms. */
  readonly answerLimitMs?: number;
}

/** The API server's own limit is a minute. */
const usualLimitMs = 30_000;
/**
 * A page of 100 Pods has a MB or two. Parsing takes many times the text's memory, and a longer page is asked for in parts.
 */
const maxPageBytes = 24 << 20;
/** An object has at most 3 MiB: twice etcd's limit. */
const maxObjectBytes = 8 << 20;
/** A controller that takes over 1,000 tasks asks for all of them at once, and a handshake costs more than a request. */
const maxConnections = 100;

const methods = { get: 'GET', list: 'GET', watch: 'GET', create: 'POST', delete: 'DELETE' } as const;

/** The connections to one API server. Every request is made once: the caller decides whether to try again. */
export class Transport {
  readonly #settings: TransportSettings;
  /** For requests with one answer. */
  readonly #requests: Agent;
  /** Each watch and each log keeps a connection for a long time. */
  readonly #streams: Agent;
  /** The API server's clock, and ours at the same moment (monotonic), ms. */
  #clock: { readonly serverMs: number; readonly atMs: number } | undefined;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
    const connect = createConnector(settings.credentials);
    const options = { allowH2, headersTimeout: 0, bodyTimeout: 0, connect };
    this.#requests = new Agent({ ...options, connections: maxConnections });
    this.#streams = new Agent({ ...options, connections: null });
  }

  /** Like {@link sendSized}. @returns the parsed body */
  async send(request: KubernetesRequest, signal: AbortSignal): Promise<object> {
    return (await this.sendSized(request, signal)).body;
  }

  /**
   * Makes a request whose answer is one object.
   *
   * @returns the parsed body, and its size in bytes
   * @throws KubernetesError, NoAnswerError, or the signal's reason
   */
  async sendSized(request: KubernetesRequest, signal: AbortSignal): Promise<{ body: object; bytes: number }> {
    using limit = timeLimit(this.#answerLimitMs, 'no answer in time');
    const either = AbortSignal.any([signal, limit.signal]);
    const answer = await this.#answer(this.#requests, request, either, signal);
    try {
      const maxBytes = request.verb === 'list' ? maxPageBytes : maxObjectBytes;
      const { bytes, value } = await readObject(answer.body, maxBytes);
      return { body: value, bytes };
    } catch (cause) {
      signal.throwIfAborted();
      const Kind = cause instanceof AnswerTooLongError ? AnswerTooLongError : NoAnswerError;
      throw new Kind(`${describe(request)}: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * Makes a request whose answer is a stream, such as a watch or a log. The stream has no time limit.
   *
   * @throws like {@link send}, also while the stream is read
   */
  async stream(request: KubernetesRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    using limit = timeLimit(this.#answerLimitMs, 'no answer in time');
    const either = AbortSignal.any([signal, limit.signal]);
    const answer = await this.#answer(this.#streams, request, either, signal);
    return chunksOf(answer.body, request, signal);
  }

  get #answerLimitMs(): number {
    return this.#settings.answerLimitMs ?? usualLimitMs;
  }

  /** The time on the API server's clock, or on our own if the server has not answered yet, ms since 1970. */
  nowMs(): number {
    if (this.#clock === undefined) return Date.now();
    return this.#clock.serverMs + performance.now() - this.#clock.atMs;
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#streams.destroy()]);
  }

  async #answer(
    agent: Agent,
    request: KubernetesRequest,
    limit: AbortSignal,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { credentials, observe, userAgent } = this.#settings;
    const base = new URL(credentials.server);
    let answer: Dispatcher.ResponseData;
    try {
      const token = await credentials.token();
      answer = await agent.request({
        origin: base.origin,
        path: base.pathname.replace(/\/$/, '') + request.path,
        method: methods[request.verb],
        ...(request.query === undefined ? {} : { query: request.query }),
        headers: {
          Accept: request.accept ?? 'application/json',
          'User-Agent': userAgent,
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        // Otherwise, undici ends the connection after each DELETE with a body, and a handshake costs more than a request.
        reset: false,
        signal: limit,
      });
    } catch (cause) {
      signal.throwIfAborted();
      observe(request, 0);
      throw new NoAnswerError(`${describe(request)}: ${reasonOf(cause)}`, { cause });
    }
    const error =
      answer.statusCode < 300 ? undefined : await readRefusal(request.path, describe(request), answer);
    const isServers = !(error instanceof NoAnswerError);
    observe(request, isServers ? answer.statusCode : 0);
    const serverMs = Date.parse(String(answer.headers.date));
    if (isServers && !Number.isNaN(serverMs)) this.#clock = { serverMs, atMs: performance.now() };
    if (error !== undefined) throw error;
    return answer;
  }
}

function describe({ path, verb }: KubernetesRequest): string {
  return `cannot ${verb} ${path} at the Kubernetes API`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

async function* chunksOf(
  body: AsyncIterable<Buffer>,
  request: KubernetesRequest,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (cause) {
    signal.throwIfAborted();
    throw new NoAnswerError(`${describe(request)}: ${reasonOf(cause)}`, { cause });
  }
}
