import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { type Call, MalformedAnswer, type Meaning, meaningOf } from './calls/call.ts';
import { type Explanation, explainError, explainMalformed, explainStatus } from './explain.ts';
import { RunnerApiError } from './runner-api-error.ts';
import type { Answer } from './send-once.ts';
import type { Outcome } from './send-with-retries.ts';

/** How a call was made. */
export interface Sent {
  /** The whole address, without credentials. */
  readonly url: string;
  /** Text to add after the address: the proxy, if there is one. */
  readonly way: string;
  /** Which certificates are trusted, in words. */
  readonly trust: string | undefined;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly acceptsPages: boolean;
  /** Whether the runner API may have accepted an attempt so far, though no answer has said so. */
  readonly isUncertain: boolean;
}

/**
 * The result of a call.
 *
 * @throws RunnerApiError unless the outcome is a success with a body that can be used
 */
export function readResult<Result>(call: Call<never, Result>, outcome: Outcome, sent: Sent): Result {
  const { ending } = outcome;
  if ('status' in ending && meaningOf(call, ending.status) === 'success') {
    try {
      if (ending.isPage && !sent.acceptsPages)
        throw new MalformedAnswer('it is HTML, a page of somebody else');
      return call.answer.read(parseBody(ending, call.answer.maxBytes));
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      throw failure(call, outcome, sent, error.meaning, explainMalformed(ending.status, error));
    }
  }
  throw describeFailure(call, outcome, sent);
}

/** The error of an outcome other than a success. */
export function describeFailure(call: Call<never, unknown>, outcome: Outcome, sent: Sent): RunnerApiError {
  const { ending } = outcome;
  const meaning = 'status' in ending ? meaningOf(call, ending.status) : undefined;
  // Any other answer would have ended the call anyway.
  const stopped = sent.signal.aborted && (meaning === undefined || meaning === 'try-again');
  const explanation = stopped ? interrupted : explain(call, outcome, sent);
  const cause = stopped ? sent.signal.reason : 'status' in ending ? undefined : new Error(explanation.what);
  return failure(call, outcome, sent, meaning, explanation, cause);
}

const interrupted: Explanation = { what: 'interrupted', lookAt: 'whoever ended the call knows why' };

function failure(
  call: Call<never, unknown>,
  { attempts, elapsedMs, ending }: Outcome,
  { url, way, isUncertain }: Sent,
  meaning: Meaning | undefined,
  { what, lookAt }: Explanation,
  cause?: unknown,
): RunnerApiError {
  const effort = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} in ${seconds(elapsedMs)} s`;
  const request = `${call.method} ${url}${way}`;
  // An error of the server says by itself that nothing is certain.
  const doubt =
    isUncertain && meaning !== 'try-again'
      ? '; the runner API may have accepted an attempt all the same'
      : '';
  const message = `cannot ${call.purpose}: ${request}: ${what} (${effort}); ${lookAt}${doubt}`;
  const { status, retryAfterMs } = 'status' in ending ? ending : {};
  return new RunnerApiError(message, { status, meaning, retryAfterMs, attempts, isUncertain, cause });
}

function parseBody({ body }: Answer, maxBytes: number): unknown {
  if (maxBytes === 0 || body === '') return undefined;
  if (body === undefined) throw new MalformedAnswer(`it has more than ${maxBytes} bytes`, 'too-long');
  try {
    return JSON.parse(body);
  } catch {
    // The parser's message quotes the body.
    throw new MalformedAnswer(/^\s*</.test(body) ? 'it is HTML or XML, not JSON' : 'it is not JSON');
  }
}

// An error may quote the server, for example the names in a certificate. The error does not become a cause:
// undici's errors contain received data, and a server may send back the data of the request.
function explain({ bearer }: Call<never, unknown>, { ending }: Outcome, { token, trust }: Sent): Explanation {
  if ('status' in ending) return explainStatus(ending.status, bearer);
  const { what, lookAt } = explainError(ending.error, trust);
  const line = what.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500);
  return { what: new SecretMask([token]).mask(line), lookAt };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
