import { randomInt } from 'node:crypto';
import { RunnerApiError, statusOf } from '../../clients/runner/runner-api-error.ts';
import { delay } from '../../internal/delay.ts';

/** How calls are spread that are made again and again, ms. Each has been tried for a while by the client already. */
export interface Insistence {
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** For all calls together; the last one has its full time. */
  readonly limitMs: number;
}

export const untilToldSo: Insistence = {
  firstPauseMs: 5000,
  longestPauseMs: 60_000,
  limitMs: Number.POSITIVE_INFINITY,
};

/** Statuses that another call may change: RFC 9110 and 6585. */
const passing = new Set([408, 425, 429]);

/**
 * Makes a call to the runner API until it has an answer that counts: what cannot be told now has to be told later, as
 * nobody else knows of it.
 *
 * @param onTrouble is told of each call that is followed by another
 * @throws RunnerApiError with an answer that will not change, or when the time is up; or the signal's reason
 */
export async function insist<T>(
  call: () => Promise<T>,
  { firstPauseMs, limitMs, longestPauseMs }: Insistence,
  onTrouble: (error: unknown) => void,
  signal: AbortSignal,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const status = statusOf(error);
      const mayPass = status === undefined || status >= 500 || passing.has(status);
      if (!mayPass || performance.now() >= endMs) throw error;
      onTrouble(error);
      const asked = error instanceof RunnerApiError ? (error.retryAfterMs ?? 0) : 0;
      // Spread, so that the tasks that met the same outage do not come back together.
      await delay(Math.max(asked, pauseMs / 2 + randomInt(Math.ceil(pauseMs / 2) + 1)), signal);
    }
  }
}
