import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * The fault of an answer: `hang` sends nothing, `hang-after-headers` announces a body and sends none, `reset`
 * and `reset-after-headers` reset the connection, `close` ends it without an answer, `garbage` is not HTTP,
 * `drip` sends a body byte by byte for ever, `endless` sends one as fast as it is read.
 */
export type Fault =
  | 'hang'
  | 'hang-after-headers'
  | 'reset'
  | 'reset-after-headers'
  | 'close'
  | 'garbage'
  | 'drip'
  | 'endless';

/** One programmed answer; `{}` is an empty 200. */
export interface ProgrammedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The pause before everything else, in ms. */
  readonly delayMs?: number;
  /** Silence before anything else, until it settles. */
  readonly after?: Promise<unknown>;
  /** Interim statuses sent before the final one, such as 100 and 103. */
  readonly interim?: readonly number[];
  readonly fault?: Fault;
  /**
   * Lets `reset-after-headers` wait until the client has read the headers, because a reset discards data that
   * has not been read. Without this there is a short pause between the two.
   */
  readonly headersRead?: Promise<unknown>;
}

/**
 * Sends an answer. Settles when it is sent, or when the end of the connection or the signal prevents that.
 */
export async function play(
  answer: ProgrammedAnswer,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const gone = AbortSignal.any([signal, closing(response)]);
  try {
    if (answer.delayMs) await pause(answer.delayMs, undefined, { signal: gone });
    await answer.after;
    for (const status of answer.interim ?? []) response.socket?.write(`HTTP/1.1 ${status} Interim\r\n\r\n`);
    if (answer.fault) return await fail(answer, answer.fault, response, gone);
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(answer.body);
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}

async function fail(
  answer: ProgrammedAnswer,
  fault: Fault,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  const { socket } = response;
  if (fault === 'hang') return;
  if (fault === 'close') socket?.destroy();
  if (fault === 'reset') reset(response);
  if (fault === 'garbage') socket?.end('SSH-2.0-OpenSSH_9.9\r\nthis is not HTTP\r\n');
  if (
    fault !== 'reset-after-headers' &&
    fault !== 'hang-after-headers' &&
    fault !== 'drip' &&
    fault !== 'endless'
  )
    return;
  response.writeHead(answer.status ?? 200, answer.headers);
  response.write('{');
  if (fault === 'reset-after-headers') {
    await (answer.headersRead ?? pause(20, undefined, { signal: gone }));
    reset(response);
  }
  while (fault === 'drip') {
    await pause(20, undefined, { signal: gone });
    response.write(' ');
  }
  while (fault === 'endless') {
    const more = response.write(Buffer.alloc(65_536, ' '));
    await (more ? pause(1, undefined, { signal: gone }) : drained(response, gone));
  }
}

function closing(response: ServerResponse): AbortSignal {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  return closed.signal;
}

function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once('drain', resolve);
    gone.addEventListener('abort', () => reject(gone.reason), { once: true });
  });
}

// A TLS connection itself cannot be reset. The connection below it is reset, and that looks the same from
// outside.
function reset({ socket }: ServerResponse): void {
  if (socket && 'encrypted' in socket) socket.destroy();
  else socket?.resetAndDestroy();
}
