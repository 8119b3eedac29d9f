import { setImmediate as nextTurn, setTimeout as timeout } from 'node:timers/promises';

/** Node treats a longer time as 1 ms (node:timers). This is 2^31 - 1 ms, over 24 days. */
export const longestTimerMs = 2 ** 31 - 1;

/**
 * Waits for `ms` milliseconds, or until `signal` aborts, whichever is first. Then the timer is gone.
 *
 * @returns whether the whole time has passed
 */
export async function delay(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await timeout(Math.min(ms, longestTimerMs), undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

/**
 * The value of a promise, or undefined if the promise takes longer than `ms`, or until `signal` aborts. The timer never
 * outlives this call. An event in time counts even if this process could not run before the limit passed: the event loop
 * handles the event in the following turn.
 */
export async function atMost<T>(
  ms: number,
  promise: Promise<T>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const timer = new AbortController();
  const ends = signal === undefined ? timer.signal : AbortSignal.any([timer.signal, signal]);
  const limit = delay(ms, ends).then(() => nextTurn(undefined));
  try {
    return await Promise.race([promise, limit]);
  } finally {
    timer.abort();
  }
}

/** A time limit. It ends when it is disposed of. */
export interface TimeLimit extends Disposable {
  /** Aborts after the time. */
  readonly signal: AbortSignal;
}

/** @param message of the signal's reason. That of `AbortSignal.timeout` does not say what somebody has waited for */
export function timeLimit(ms: number, message: string): TimeLimit {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new Error(message)), ms);
  return { signal: over.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
