import { setImmediate as nextTurn, setTimeout as timeout } from 'node:timers/promises';

/** Node takes a longer time for 1 ms (node:timers): 2^31 - 1 ms, over 24 days. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Waits for `ms` milliseconds, or until `signal` aborts, whichever is first; the timer is gone then.
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
 * What a promise resolves to, or undefined when it takes longer than `ms`; the timer never outlives this.
 * What happened in time counts, though this process had no time to run before the limit passed: the event loop
 * looks for it in the turn that follows.
 */
export async function atMost<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const limit = delay(ms, timer.signal).then(() => nextTurn(undefined));
  try {
    return await Promise.race([promise, limit]);
  } finally {
    timer.abort();
  }
}
