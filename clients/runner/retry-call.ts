import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import { RunnerApiError } from './runner-api-error.ts';

/** How a call is repeated. The client itself has already retried each call for a while. */
export interface RetryPolicy extends Backoff {
  /** The time for all calls together while there is no answer, ms. The last call has its full time. */
  readonly limitMs: number;
  readonly belief: Belief;
}

/** How many times in a row an answer has to come before it is believed, by its meaning. */
export interface Belief {
  /** The task is not known. */
  readonly gone: number;
  /** The call succeeded, but with a page of somebody else, for instance to log in. */
  readonly malformed: number;
  /** Perhaps by a proxy, whose operator has to correct something. */
  readonly refused: number;
}

/** However long that takes. With these pauses, three answers take 15 to 30 s, and fifteen 6 to 13 minutes. */
export const untilAnswered: RetryPolicy = {
  first: 10_000,
  longest: 60_000,
  limitMs: Number.POSITIVE_INFINITY,
  belief: { gone: 3, malformed: 3, refused: 15 },
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
  const doubt = new Doubt(policy.belief);
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const isDoubted = doubt.isLeft(error);
      if (!isDoubted && !(isPassing(error) && performance.now() < endMs)) throw error;
      if (!isGone(error)) onTrouble(error);
      await pauseAfter(failures, policy, error, signal);
    }
  }
}

/**
 * The doubt about the answers to one call: what is between here and the runner API answers like it. A load balancer that
 * has lost its servers says 404, as for a task that is not known, and a proxy whose operator makes a mistake says that a
 * call is not allowed.
 */
export class Doubt {
  readonly #belief: Belief;
  #meaning: keyof Belief | undefined;
  #inARow = 0;

  constructor(belief: Belief) {
    this.#belief = belief;
  }

  /** Whether to ask again. To be called once for each answer, in order. */
  isLeft(error: unknown): boolean {
    const meaning = doubtfulMeaning(error);
    this.#inARow = meaning === this.#meaning ? this.#inARow + 1 : 1;
    this.#meaning = meaning;
    return meaning !== undefined && this.#inARow < this.#belief[meaning];
  }
}

/** Undefined: the answer can only be the runner API's, or there is none. */
function doubtfulMeaning(error: unknown): keyof Belief | undefined {
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
