import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a promise, but not longer than the limit. @returns its value, or undefined after the limit */
export async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const limit = pause(limitMs, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    timer.abort();
  }
}
