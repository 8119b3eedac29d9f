import { ByteCollector } from '../../internal/http/byte-collector.ts';
import { readRetryAfterMs } from '../../internal/http/retry-after.ts';
import type { Connection } from './connection.ts';

/** A request as undici sends it. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The most that is wanted of the body of a success. 0 if only the status counts. */
  readonly maxAnswerBytes: number;
  /** Whether another request may follow on its connection. */
  readonly keepsConnection: boolean;
}

export interface Answer {
  /** 200 or more. */
  readonly status: number;
  /** How long the server asks to be left alone, in ms. */
  readonly retryAfterMs?: number | undefined;
  /** Whether the body is HTML by its own account. */
  readonly isPage?: boolean;
  /** The whole body of a success. Undefined if it is not wanted, or longer than that. */
  readonly body?: string;
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

// A short body that nobody wants is read, so the server can finish sending. A long one is cut off.
const maxIgnoredBytes = 65_536;

/**
 * Makes one attempt. The connection stays as it is: whoever has it ends it, or leaves it to others.
 *
 * @param limitMs the time for connecting, sending and the whole answer. If the status has come, the answer
 * counts even if its body never ends, unless the body is wanted.
 * @param onSent called when the server may begin to act on the request.
 * @throws AttemptTimedOut, the signal's reason, or the network's, TLS's or HTTP parser's error.
 */
export async function sendOnce(
  request: OutgoingRequest,
  connection: Connection,
  limitMs: number,
  signal: AbortSignal,
  onSent: () => void,
): Promise<Answer> {
  signal.throwIfAborted();
  const end = new AbortController();
  const interrupt = () => end.abort(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  // If this process was paused, an answer that came in time is read before the immediate: it may be a task.
  let isLate = false;
  const timedOut = () => new AttemptTimedOut(limitMs, connection.wasReached);
  const timeOut = () => {
    isLate = true;
    setImmediate(() => end.abort(timedOut()));
  };
  const timer = setTimeout(timeOut, limitMs);
  const onStart = () => {
    // Nobody would wait for the answer to a request that is sent now.
    if (isLate) throw timedOut();
    onSent();
  };
  try {
    return await exchange(connection, request, end.signal, onStart);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}

/** @param onStart called before the request is written. If it throws, nothing is written */
function exchange(
  connection: Connection,
  request: OutgoingRequest,
  end: AbortSignal,
  onStart: () => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer: Answer | undefined;
    let wantedBytes = 0;
    let received = 0;
    const wanted = new ByteCollector();
    const giveUp = (error: unknown) => {
      if (answer === undefined || wantedBytes > 0) reject(error);
      else resolve(answer);
    };
    end.addEventListener('abort', () => giveUp(end.reason), { once: true });
    const { method, body, keepsConnection } = request;
    const { route } = connection;
    const headers = { ...request.headers, ...route.headers };
    const path = route.pathPrefix + request.path;
    connection.send(
      { method, path, headers, body, reset: !keepsConnection },
      {
        onRequestStart: onStart,
        onResponseStart(_controller, status, answerHeaders) {
          if (status < 200) return;
          // A server may give its usual type to an answer that never has a body.
          const isPage = status !== 204 && /^text\/html\b/i.test(String(answerHeaders['content-type'] ?? ''));
          answer = { status, retryAfterMs: readRetryAfterMs(answerHeaders, Date.now()), isPage };
          wantedBytes = status <= 299 ? request.maxAnswerBytes : 0;
        },
        onResponseData(_controller, chunk) {
          received += chunk.length;
          if (received > (wantedBytes || maxIgnoredBytes)) answer && resolve(answer);
          else if (wantedBytes > 0) wanted.add(chunk);
        },
        onResponseEnd() {
          if (answer === undefined) return;
          if (keepsConnection) connection.letOthersFollow();
          if (wantedBytes > 0) resolve({ ...answer, body: wanted.take().toString('utf8') });
          else resolve(received === 0 ? { ...answer, isPage: false } : answer);
        },
        onResponseError(_controller, error) {
          giveUp(error);
        },
      },
    );
  });
}
