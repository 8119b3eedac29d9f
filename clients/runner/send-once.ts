import { Client } from 'undici';
import { connectOnce } from '../../internal/http/connect-once.ts';
import type { Route } from '../../internal/http/route.ts';
import { skipInterim } from '../../internal/http/skip-interim.ts';

/** A request as undici sends it. */
export interface OutgoingRequest {
  readonly method: 'POST';
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  /** 200 or more. */
  readonly status: number;
}

/** The time of an attempt was over before a status came. */
export class AttemptTimedOut extends Error {
  /** Whether the server had been reached, including TLS and a proxy if there is one. */
  readonly connected: boolean;

  constructor(limitMs: number, connected: boolean) {
    super(`no ${connected ? 'answer' : 'connection'} within ${(limitMs / 1000).toFixed(1)} s`);
    this.connected = connected;
  }
}

// Only the status is needed. A short body is read, so the server can finish sending. A long body is cut off.
const maxBodyBytes = 65_536;

/**
 * Makes one attempt on its own connection. The connection is gone when the promise settles.
 *
 * @param limitMs the time for connecting, sending and the whole answer. If the status has come, the answer
 * counts even if its body never ends.
 * @throws AttemptTimedOut, the signal's reason, or the network's, TLS's or HTTP parser's error.
 */
export async function sendOnce(
  request: OutgoingRequest,
  route: Route,
  limitMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  signal.throwIfAborted();
  const end = new AbortController();
  const interrupt = () => end.abort(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  let connected = false;
  const timer = setTimeout(() => end.abort(new AttemptTimedOut(limitMs, connected)), limitMs);

  const client = new Client(request.origin, {
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connectOnce(async () => {
      const socket = await route.connect(end.signal);
      connected = true;
      return skipInterim(socket);
    }),
  });
  try {
    return await exchange(client, request, route, end.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
    end.abort();
    await client.destroy();
  }
}

function exchange(client: Client, request: OutgoingRequest, route: Route, end: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer: Answer | undefined;
    let received = 0;
    const settle = (error?: unknown) => (answer === undefined ? reject(error) : resolve(answer));
    end.addEventListener('abort', () => settle(end.reason), { once: true });
    const { method, body } = request;
    const headers = { ...request.headers, ...route.headers };
    const path = route.pathPrefix + request.path;
    client.dispatch(
      { method, path, headers, body, reset: true },
      {
        onRequestStart() {},
        onResponseStart(_controller, status) {
          if (status >= 200) answer = { status };
        },
        onResponseData(_controller, chunk) {
          received += chunk.length;
          if (received > maxBodyBytes) settle();
        },
        onResponseEnd() {
          settle();
        },
        onResponseError(_controller, error) {
          settle(error);
        },
      },
    );
  });
}
