import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { type Call, meaningOf } from './calls.ts';
import { type Explanation, explainError, explainStatus } from './explain.ts';
import { RunnerApiError } from './runner-api-error.ts';
import type { Outcome } from './send-with-retries.ts';

/** How a call was made. */
export interface Sent {
  /** The address and the proxy of the call, without credentials. */
  readonly way: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

/**
 * @throws RunnerApiError unless the outcome is a success
 */
export function requireSuccess(call: Call<never>, outcome: Outcome, { way, token, signal }: Sent): void {
  const { ending, attempts } = outcome;
  const status = 'status' in ending ? ending.status : undefined;
  const meaning = status === undefined ? undefined : meaningOf(call, status);
  if (meaning === 'success') return;
  // Any other answer is final, even without the signal.
  const stopped = signal.aborted && (meaning === undefined || meaning === 'try-again');
  const { what, lookAt } = stopped ? interrupted : explain(outcome, token);
  const effort = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} in ${seconds(outcome.elapsedMs)} s`;
  const cause = stopped ? signal.reason : status === undefined ? new Error(what) : undefined;
  const request = `${call.method} ${call.path} to ${way}`;
  const message = `cannot ${call.purpose}: ${request}: ${what} (${effort}); ${lookAt}`;
  throw new RunnerApiError(message, { status, meaning, attempts, cause });
}

const interrupted: Explanation = { what: 'interrupted', lookAt: 'whoever ended the call knows why' };

// An error may quote the server, for example the names in a certificate. The error does not become a cause:
// undici's errors contain received data, and a server may send back the data of the request.
function explain({ ending }: Outcome, token: string): Explanation {
  if ('status' in ending) return explainStatus(ending.status);
  const { what, lookAt } = explainError(ending.error);
  const line = what.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500);
  return { what: new SecretMask([token]).mask(line), lookAt };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
