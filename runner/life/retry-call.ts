import { RunnerApiError } from '../../clients/runner/runner-api-error.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';

/** How a call is repeated. The client itself has already retried each call for a while. */
export interface RetryPolicy extends Backoff {
  /** The time for all calls together, ms. The last call has its full time. */
  readonly limitMs: number;
}

/** However long that takes. */
export const untilAnswered: RetryPolicy = {
  first: 10_000,
  longest: 60_000,
  limitMs: Number.POSITIVE_INFINITY,
};

/**
 * Repeats a call to the runner API until it gets a final answer: a report that fails now must succeed later, because
 * nobody else knows of it.
 *
 * @param onTrouble called for each failed call that is followed by another
 * @throws RunnerApiError with an answer that will not change, or when the time is up; or the signal's reason
 */
export async function retryCall<T>(
  call: () => Promise<T>,
  policy: RetryPolicy,
  onTrouble: (error: unknown) => void,
  signal: AbortSignal,
): Promise<T> {
  const endMs = performance.now() + policy.limitMs;
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error) || performance.now() >= endMs) throw error;
      onTrouble(error);
      await pauseAfter(failures, policy, error, signal);
    }
  }
}

/** Whether there was no answer, or one that the client itself retries. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof RunnerApiError) || error.attempts === 0) return false;
  return error.meaning === undefined || error.meaning === 'try-again';
}
