import { RunnerApiError } from '../../clients/runner/runner-api-error.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';

/** How a call is made again and again. Each has been tried for a while by the client already. */
export interface Insistence extends Backoff {
  /** For all calls together, ms; the last one has its full time. */
  readonly limitMs: number;
}

export const untilToldSo: Insistence = { first: 10_000, longest: 60_000, limitMs: Number.POSITIVE_INFINITY };

/**
 * Makes a call to the runner API until it has an answer that counts: what cannot be told now has to be told later, as
 * nobody else knows of it.
 *
 * @param onTrouble is told of each call that is followed by another
 * @throws RunnerApiError with an answer that will not change, or when the time is up; or the signal's reason
 */
export async function insist<T>(
  call: () => Promise<T>,
  insistence: Insistence,
  onTrouble: (error: unknown) => void,
  signal: AbortSignal,
): Promise<T> {
  const endMs = performance.now() + insistence.limitMs;
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error) || performance.now() >= endMs) throw error;
      onTrouble(error);
      await pauseAfter(failures, insistence, error, signal);
    }
  }
}

/** Whether there was no answer, or one after which the client itself has tried again. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof RunnerApiError) || error.attempts === 0) return false;
  return error.meaning === undefined || error.meaning === 'try-again';
}
