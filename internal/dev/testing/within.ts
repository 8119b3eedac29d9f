import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a promise, but not longer than that. @returns what it resolves with; undefined if it did not in time */
export async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const limit = pause(limitMs, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    timer.abort();
  }
}
