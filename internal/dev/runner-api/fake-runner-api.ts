import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { parse } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { parseArgs } from 'node:util';
import { type Answer, play } from './fake-answer.ts';
import { createRecord, type FakeCall, type ReceivedRequest } from './received-requests.ts';

/** Closed when it is disposed of. */
export interface FakeRunnerApi extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** All requests in the order of their arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** The requests of one task id or allocation. */
  of(key: string): readonly ReceivedRequest[];
  /** Programs a call: the n-th attempt gets the n-th answer, all further ones the last. Without a key, for all tasks. */
  answer(call: FakeCall, answers: readonly Answer[], key?: string): void;
  /** Settles when the condition holds for the requests that came in; it is checked again with every request. */
  until(condition: (requests: readonly ReceivedRequest[]) => boolean): Promise<void>;
  /** Ends every connection and forgets hanging answers. */
  close(): Promise<void>;
}

export interface FakeRunnerApiOptions {
  readonly host?: string;
  readonly port?: number;
  /** Serves HTTPS. */
  readonly tls?: TlsOptions;
  readonly answers?: Partial<Record<FakeCall, readonly Answer[]>>;
  readonly onRequest?: (request: ReceivedRequest) => void;
}

/** Starts a runner API of our own that takes every task unless it was programmed otherwise. */
export async function startFakeRunnerApi(options: FakeRunnerApiOptions = {}): Promise<FakeRunnerApi> {
  const { host = '127.0.0.1', port = 0, tls } = options;
  const record = createRecord();
  const script = new Map<string, readonly Answer[]>();
  const answer = (call: FakeCall, answers: readonly Answer[], key?: string) =>
    void script.set(key === undefined ? call : `${call} ${key}`, answers);
  for (const call of ['unclaim', 'fail'] as const) answer(call, options.answers?.[call] ?? [{}]);

  const end = new AbortController();
  const listeners = new Set<() => void>();
  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = record.add(incoming, await readBody(incoming));
    options.onRequest?.(request);
    for (const listener of listeners) listener();
    await play(chooseAnswer(script, request), response, end.signal);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse) =>
    void handle(incoming, response).catch(() => response.destroy()); // The client went away within its request.
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on('tlsClientError', () => {}); // Handshakes that fail are what the tests are about.
  await once(server.listen({ host, port, backlog: 4096 }), 'listening');
  const close = async () => {
    end.abort();
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  };
  const address = server.address();
  const bound = address !== null && typeof address === 'object' ? address.port : port;

  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    requests: record.all,
    of: (key) => record.byKey.get(key) ?? [],
    answer,
    until: (condition) =>
      new Promise((resolve) => {
        const check = () => {
          if (!condition(record.all)) return;
          listeners.delete(check);
          resolve();
        };
        listeners.add(check);
        check();
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function chooseAnswer(script: ReadonlyMap<string, readonly Answer[]>, request: ReceivedRequest): Answer {
  if (request.call === undefined) return { status: 404 };
  const answers = script.get(`${request.call} ${request.key}`) ?? script.get(request.call) ?? [];
  return answers[Math.min(request.attempt, answers.length) - 1] ?? {};
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * The process: prints `{"url":…}` when it listens, then every request as a line of JSON. `--answers` takes the
 * `answers` of the options as JSON.
 */
async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { host: text, port: text, 'tls-key': text, 'tls-cert': text, answers: text },
  });
  const print = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const key = values['tls-key'];
  const cert = values['tls-cert'];
  const api = await startFakeRunnerApi({
    ...(values.host === undefined ? {} : { host: values.host }),
    port: Number(values.port ?? 0),
    ...(key && cert ? { tls: { key: readFileSync(key), cert: readFileSync(cert) } } : {}),
    answers: JSON.parse(values.answers ?? '{}'),
    onRequest: print,
  });
  print({ url: api.url });
}

// By name, as a bundle in CommonJS form has no import.meta.
if (parse(process.argv[1] ?? '').name === 'fake-runner-api') void main();
