import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TlsOptions } from 'node:tls';
import { type Listening, startListening } from '../testing/start-listening.ts';
import { AnswerScript, type Answers } from './answer-script.ts';
import { type ProgrammedAnswer, play } from './programmed-answer.ts';
import { administer } from './queue/administer.ts';
import { answerFromQueue } from './queue/answer-from-queue.ts';
import type { TaskQueue } from './queue/task-queue.ts';
import { type ReceivedRequest, RequestRecord } from './received-requests.ts';
import type { FakeCall } from './routes.ts';

/** A runner API of our own. Closing it ends every connection, and forgets hanging answers. */
export interface FakeRunnerApi extends Listening {
  readonly url: string;
  /** The number of connections so far, with or without a request. */
  readonly connections: number;
  /** All requests in the order of their arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** The requests of one key: see {@link ReceivedRequest}. */
  of(key: string): readonly ReceivedRequest[];
  /**
   * Programs a call: from now on the n-th attempt gets the n-th answer, and further attempts get the last one.
   * Without a key, this is for all tasks.
   */
  answer(call: FakeCall, answers: readonly ProgrammedAnswer[], key?: string): void;
  /** Settles when the condition holds for the received requests. It is checked with every request. */
  until(condition: (requests: readonly ReceivedRequest[]) => boolean): Promise<void>;
}

/** Where a fake runner API listens, and how it behaves. */
export interface FakeBehaviour {
  readonly host?: string;
  readonly port?: number;
  /** Serves HTTPS. */
  readonly tls?: TlsOptions;
  readonly answers?: Answers;
  /** The tasks to claim. Absent: every call is accepted, with an empty answer. */
  readonly tasks?: TaskQueue;
  /** A test's handling of a request before the server's. Its result replaces the server's answer. */
  readonly intercept?: (request: ReceivedRequest) => Promise<ProgrammedAnswer | undefined>;
  readonly onRequest?: (request: ReceivedRequest) => void;
  /** Whether requests are kept for {@link FakeRunnerApi.requests} (default: yes). */
  readonly keepsRequests?: boolean;
}

/**
 * Starts a runner API. It answers according to its tasks, or else accepts every call. A programmed answer with a status
 * replaces the answer. One without a status is added to it: `{ fault: 'reset' }` loses the answer to a call that had
 * its effect.
 */
export async function startFakeRunnerApi(behaviour: FakeBehaviour = {}): Promise<FakeRunnerApi> {
  const {
    host = '127.0.0.1',
    port = 0,
    tasks,
    tls,
    answers,
    intercept,
    onRequest,
    keepsRequests,
  } = behaviour;
  const record = new RequestRecord((token) => tasks?.ownerOf(token), keepsRequests);
  const script = new AnswerScript(answers);
  const end = new AbortController();
  const checks = new Set<() => void>();
  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await text(incoming);
    const administered = tasks && administer(incoming, body, tasks, script);
    if (administered) return await play(administered, response, end.signal);
    const request = record.add(incoming, body);
    const instead = await intercept?.(request);
    if (instead !== undefined) return await play(instead, response, end.signal);
    onRequest?.(request);
    for (const check of checks) check();
    const programmed = script.answerTo(request);
    const usual = programmed.status === undefined && tasks ? answerFromQueue(request, tasks) : {};
    await play({ ...usual, ...programmed }, response, end.signal);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse) =>
    void handle(incoming, response).catch(() => response.destroy()); // The client went away within its request.
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on('tlsClientError', () => {}); // The tests are about failing handshakes.
  let connections = 0;
  server.on('connection', () => connections++);
  const listening = await startListening(server, { host, port, backlog: 4096 });
  const close = () => {
    end.abort();
    return listening.close();
  };
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${listening.port}`,
    port: listening.port,
    get connections() {
      return connections;
    },
    requests: record.all,
    of: (key) => record.of(key),
    answer: (call, programmed, key) => script.program(call, programmed, key),
    until: (condition) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const check = () => {
        if (condition(record.all)) resolve();
      };
      checks.add(check);
      check();
      return promise.finally(() => checks.delete(check));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
