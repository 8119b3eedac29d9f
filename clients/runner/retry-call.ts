import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import { RunnerApiError } from './runner-api-error.ts';

/** How a call is repeated. The client itself has already retried each call for a while. */
export interface RetryPolicy extends Backoff {
  /** The time for all calls together while there is no answer, ms. The last call has its full time. */
  readonly limitMs: number;
  readonly graceMs: Grace;
}

/** How long an answer is doubted, by its meaning, ms: it has to come again and again for that time. */
export interface Grace {
  /** The task is not known. */
  readonly gone: number;
  /** The call succeeded, but with a page of somebody else, for instance to log in. */
  readonly malformed: number;
  /** Perhaps by a proxy, whose operator has to correct something. */
  readonly refused: number;
}

/** However long that takes. */
export const untilAnswered: RetryPolicy = {
  first: 5000,
  longest: 60_000,
  limitMs: Number.POSITIVE_INFINITY,
  graceMs: { gone: 15_000, malformed: 15_000, refused: 10 * 60_000 },
};

/**
 * Repeats a call to the runner API until it gets a final answer that can be believed: a report that fails now must
 * succeed later, because nobody else knows of it.
 *
 * @param onTrouble called for each failed call that is followed by another, unless it only says that a task is gone
 * @throws RunnerApiError with an answer that will not change, or when the time is up; or the signal's reason
 */
export async function retryCall<T>(
  call: () => Promise<T>,
  policy: RetryPolicy,
  onTrouble: (error: unknown) => void,
  signal: AbortSignal,
): Promise<T> {
  const endMs = performance.now() + policy.limitMs;
  const doubt = new Doubt(policy);
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!doubt.about(error) && !(isPassing(error) && performance.now() < endMs)) throw error;
      if (!isGone(error)) onTrouble(error);
      await doubt.pause(failures, error, signal);
    }
  }
}

/**
 * The doubt about the answers to one call: what is between here and the runner API answers like it. A load balancer that
 * has lost its servers says 404, as for a task that is not known, and a proxy whose operator makes a mistake says that a
 * call is not allowed.
 */
export class Doubt {
  readonly #policy: RetryPolicy;
  #meaning: keyof Grace | undefined;
  /** Until when the answer is doubted. */
  #untilMs = 0;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  /** Whether an answer is doubted: then the call is to be made again. To be called once for each answer, in order. */
  about(error: unknown): boolean {
    const meaning = doubtfulMeaning(error);
    if (meaning !== this.#meaning)
      this.#untilMs = performance.now() + (meaning === undefined ? 0 : this.#policy.graceMs[meaning]);
    this.#meaning = meaning;
    return performance.now() < this.#untilMs;
  }

  /** The pause before the call is made again. A doubted answer is asked for once more when the doubt ends. */
  async pause(failures: number, error: unknown, signal: AbortSignal): Promise<void> {
    const leftMs = this.#untilMs - performance.now();
    await pauseAfter(failures, this.#policy, error, signal, this.#meaning && Math.max(leftMs, 0));
  }
}

/** Undefined: the answer can only be the runner API's, or there is none. */
function doubtfulMeaning(error: unknown): keyof Grace | undefined {
  if (!(error instanceof RunnerApiError)) return undefined;
  const { meaning, status } = error;
  // A conflict is about the task's state, which only the runner API knows.
  if (meaning === 'refused' && status === 409) return undefined;
  return meaning === 'gone' || meaning === 'malformed' || meaning === 'refused' ? meaning : undefined;
}

/** Whether the runner API does not know a task, or not any more. */
export function isGone(error: unknown): boolean {
  return error instanceof RunnerApiError && error.meaning === 'gone';
}

/** Whether there was no answer, or one that the client itself retries. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof RunnerApiError) || error.attempts === 0) return false;
  return error.meaning === undefined || error.meaning === 'try-again';
}
