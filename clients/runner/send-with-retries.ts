import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { TunnelRefused } from '../../internal/http/tunnel.ts';
import { isCertificateError, isForbidden } from './explain.ts';
import type { Limits } from './limits.ts';
import { type Answer, AttemptTimedOut } from './send-once.ts';

/** Sometimes a certificate or a policy is about to be replaced. More attempts would only delay the end. */
const refusedAttempts = 3;

/** The end of an attempt: an answer, or the error that prevented one. */
export type Ending = Answer | { readonly error: unknown };

export interface Outcome {
  /** The end of the last attempt that had its full time. */
  readonly ending: Ending;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/**
 * Makes attempts until an answer is final, their time or number is used up, or the signal fires. Another
 * attempt follows errors of the network and answers that `triesAgain` accepts, and not before the server wants
 * one, except for a last chance. Every other answer is final.
 *
 * @param send makes one attempt within the given ms. It must settle soon after the signal fires.
 * @param triesAgain whether another attempt may change an answer of this status.
 * @param onRetry called with the first attempt if others may follow, and with their time, in ms.
 */
export async function sendWithRetries(
  send: (limitMs: number) => Promise<Answer>,
  triesAgain: (status: number) => boolean,
  limits: Limits,
  signal: AbortSignal,
  onRetry?: (failed: Outcome, leftMs: number) => void,
): Promise<Outcome> {
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  let ending: Ending = { error: signal.reason };
  let attempts = 0;
  let refused = 0;
  let isLast = false;
  while (!signal.aborted && elapsed() < limits.totalMs) {
    attempts++;
    const limitMs = Math.min(limits.attemptMs, limits.totalMs - elapsed());
    const latest = await send(limitMs).then(
      (answer): Ending => answer,
      (error: unknown): Ending => ({ error }),
    );
    // If the last attempt was cut short, the one before it says more.
    if (attempts === 1 || limitMs === limits.attemptMs || !isTimeOut(latest)) ending = latest;
    if (isRefused(latest)) refused++;
    if (isFinal(latest, triesAgain) || attempts === limits.maxAttempts) break;
    if (isLast || refused === refusedAttempts) break;
    const leftMs = limits.totalMs - elapsed();
    const ownPauseMs = pauseBefore(attempts + 1, limits, randomFraction());
    const askedMs = askedPauseMs(latest);
    // Only if it has its full time: the server has just said that it wants none.
    isLast = limits.isLastChance === true && askedMs >= leftMs && leftMs > limits.attemptMs;
    const pauseMs = Math.max(ownPauseMs, isLast ? leftMs - limits.attemptMs : askedMs);
    if (pauseMs >= leftMs) break;
    if (attempts === 1 && !signal.aborted) {
      onRetry?.({ ending, attempts, elapsedMs: elapsed() }, limits.totalMs - elapsed());
    }
    // A signal that ends the pause is checked by the loop.
    await pause(pauseMs, undefined, { signal }).catch(() => {});
  }
  return { ending, attempts, elapsedMs: elapsed() };
}

/**
 * The pause before an attempt (2, 3, …) in ms. Pauses double, and a random factor from 0.5 to 1.5 spreads
 * them. So thousands of tasks do not try again at the same moment after an outage.
 *
 * @param random from 0 up to 1.
 */
export function pauseBefore(attempt: number, limits: Limits, random: number): number {
  const doubled = limits.firstPauseMs * 2 ** (attempt - 2);
  return Math.min(doubled, limits.longestPauseMs) * (0.5 + random);
}

function askedPauseMs(ending: Ending): number {
  return 'status' in ending ? (ending.retryAfterMs ?? 0) : 0;
}

function isTimeOut(ending: Ending): boolean {
  return 'error' in ending && ending.error instanceof AttemptTimedOut;
}

function isRefused(ending: Ending): boolean {
  return 'error' in ending && (isCertificateError(ending.error) || isForbidden(ending.error));
}

// A proxy's answer to CONNECT is judged like an answer of the API: a second attempt would also get 407.
function isFinal(ending: Ending, triesAgain: (status: number) => boolean): boolean {
  if ('status' in ending) return !triesAgain(ending.status);
  return ending.error instanceof TunnelRefused && !triesAgain(ending.error.proxyStatus);
}

/**
 * Math.random() gives the same numbers in every process of the executable: all of them would try again at the
 * same moment.
 */
function randomFraction(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
