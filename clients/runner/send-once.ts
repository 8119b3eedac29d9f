import { Client } from 'undici';
import { connectOnce } from '../../internal/http/connect-once.ts';
import type { Route } from '../../internal/http/route.ts';
import { skipInterim } from '../../internal/http/skip-interim.ts';

export interface Post {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The time of an attempt was used up before a status came. */
export class AttemptTimedOut extends Error {
  /** Whether the server had been reached, through TLS and a proxy if need be. */
  readonly connected: boolean;

  constructor(limitMs: number, connected: boolean) {
    super(`no ${connected ? 'answer' : 'connection'} within ${(limitMs / 1000).toFixed(1)} s`);
    this.connected = connected;
  }
}

// Bodies are of no interest; reading a short one lets the server finish in peace, a long one is cut off.
const maxBodyBytes = 65_536;

/**
 * Makes one attempt on a connection of its own, which is gone when the promise settles.
 *
 * @param limitMs the time for connecting, sending and the whole answer. An answer whose status has come counts
 * even if its body never ends.
 * @returns the status, 200 or more.
 * @throws AttemptTimedOut, the signal's reason, or the network's, TLS's or HTTP parser's error.
 */
export async function sendOnce(
  post: Post,
  route: Route,
  limitMs: number,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const end = new AbortController();
  const interrupt = () => end.abort(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  let connected = false;
  const timer = setTimeout(() => end.abort(new AttemptTimedOut(limitMs, connected)), limitMs);

  const client = new Client(post.origin, {
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connectOnce(async () => {
      const socket = await route.connect(end.signal);
      connected = true;
      return skipInterim(socket);
    }),
  });
  try {
    return await exchange(client, post, route, end.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
    end.abort();
    await client.destroy();
  }
}

function exchange(client: Client, post: Post, route: Route, end: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    let status: number | undefined;
    let received = 0;
    const settle = (error?: unknown) => (status === undefined ? reject(error) : resolve(status));
    end.addEventListener('abort', () => settle(end.reason), { once: true });
    const headers = { ...post.headers, ...route.headers };
    const path = route.pathPrefix + post.path;
    client.dispatch(
      { method: 'POST', path, headers, body: post.body, reset: true },
      {
        onRequestStart() {},
        onResponseStart(_controller, code) {
          if (code >= 200) status = code;
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
