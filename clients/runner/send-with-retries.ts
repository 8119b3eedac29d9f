import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { TunnelRefused } from '../../internal/http/tunnel.ts';
import { type Answer, AttemptTimedOut } from './send-once.ts';

/** How long things may take, in ms. */
export interface Limits {
  /** One attempt: connecting, sending, and the whole answer. */
  readonly attemptMs: number;
  /** All attempts and the pauses between them, the last attempt included. */
  readonly totalMs: number;
  /** The first pause, before jitter; it doubles with each attempt. */
  readonly firstPauseMs: number;
  /** The longest pause, before jitter. */
  readonly longestPauseMs: number;
}

export const defaultLimits: Limits = {
  attemptMs: 5000,
  totalMs: 60_000,
  firstPauseMs: 50,
  longestPauseMs: 2000,
};

/** How an attempt ended: with an answer, or with what prevented one. */
export type Ending = Answer | { readonly error: unknown };

export interface Outcome {
  /** How the last attempt ended that had its full time. */
  readonly ending: Ending;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/**
 * Tries until there is an answer that another attempt would not change, the time is up, or the signal fires.
 * Errors of the network are tried again, and so are the answers that `triesAgain` accepts; every other answer is final.
 *
 * @param send makes one attempt within the given ms; it must settle soon after the signal fires.
 * @param triesAgain whether another attempt may change an answer of this status.
 */
export async function sendWithRetries(
  send: (limitMs: number) => Promise<Answer>,
  triesAgain: (status: number) => boolean,
  limits: Limits,
  signal: AbortSignal,
): Promise<Outcome> {
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  let ending: Ending = { error: signal.reason };
  let attempts = 0;
  while (!signal.aborted && elapsed() < limits.totalMs) {
    attempts++;
    const limitMs = Math.min(limits.attemptMs, limits.totalMs - elapsed());
    const latest = await send(limitMs).then(
      (answer): Ending => answer,
      (error: unknown): Ending => ({ error }),
    );
    // That the last attempt was cut short says less than what the one before it met.
    if (attempts === 1 || limitMs === limits.attemptMs || !isTimeOut(latest)) ending = latest;
    const pauseMs = pauseBefore(attempts + 1, limits, randomFraction());
    if (isFinal(latest, triesAgain) || elapsed() + pauseMs >= limits.totalMs) break;
    await pause(pauseMs, undefined, { signal }).catch(() => {}); // Ended by the signal, which is asked next.
  }
  return { ending, attempts, elapsedMs: elapsed() };
}

/**
 * The pause before an attempt (2, 3, …) in ms: doubling, and spread to between half and one and a half times, so
 * that thousands of tasks that met the same outage do not come back together.
 *
 * @param random from 0 up to 1.
 */
export function pauseBefore(attempt: number, limits: Limits, random: number): number {
  const doubled = limits.firstPauseMs * 2 ** (attempt - 2);
  return Math.min(doubled, limits.longestPauseMs) * (0.5 + random);
}

function isTimeOut(ending: Ending): boolean {
  return 'error' in ending && ending.error instanceof AttemptTimedOut;
}

// What a proxy answers to CONNECT is judged as an answer of the API would be: 407 stays 407 if asked again.
function isFinal(ending: Ending, triesAgain: (status: number) => boolean): boolean {
  if ('status' in ending) return !triesAgain(ending.status);
  return ending.error instanceof TunnelRefused && !triesAgain(ending.error.proxyStatus);
}

/** Math.random() is the same in every process of the executable: all its copies would come back at the same moment. */
function randomFraction(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
