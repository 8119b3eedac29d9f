import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import { isGone, RunnerApiError } from './runner-api-error.ts';

/** How to repeat a call when its answer is in doubt. The client itself has already retried each call for a while. */
export interface DoubtPolicy extends Backoff {
  readonly doubtMs: DoubtMs;
}

/** How to repeat a call when its answer is in doubt, or when there is none. */
export interface RepeatPolicy extends DoubtPolicy {
  /** The time for all calls together, ms. A call that has begun, and a doubt that the task is gone, may go on beyond it. */
  readonly limitMs: number;
}

/** How long an answer is doubted, by its kind, ms: it has to come again and again for that time. */
export interface DoubtMs {
  /** The runner API does not know the task. */
  readonly gone: number;
  /** The call is refused for another reason, or its success is a page of somebody else, for instance to log in. */
  readonly refused: number;
}

/** For calls that matter: without an answer, they are repeated for ever. */
export const defaultCallPolicy: RepeatPolicy = {
  first: 5000,
  longest: 60_000,
  limitMs: Number.POSITIVE_INFINITY,
  doubtMs: { gone: 15_000, refused: 10 * 60_000 },
};

/** For steps: what follows waits meanwhile. */
export const defaultStepPolicy: DoubtPolicy = {
  first: 1000,
  longest: 5000,
  doubtMs: { gone: 15_000, refused: 15_000 },
};

/** @param goneMs how long to doubt that a task is not known, ms */
export function withCancellationGrace<Policy extends DoubtPolicy>(policy: Policy, goneMs: number): Policy {
  return { ...policy, doubtMs: { ...policy.doubtMs, gone: goneMs } };
}

/**
 * Repeats a call to the runner API until it gets a final answer that can be believed: a report that fails now must
 * succeed later, because nobody else knows of it.
 *
 * @param onTrouble called for each failed call that is followed by another, unless it only says that a task is gone
 * @throws RunnerApiError with an answer that will not change, or when the time is up; or the signal's reason
 */
export async function repeatCall<T>(
  call: () => Promise<T>,
  policy: RepeatPolicy,
  onTrouble: (error: unknown) => void,
  signal: AbortSignal,
): Promise<T> {
  const endMs = performance.now() + policy.limitMs;
  const doubt = new Doubt(policy.doubtMs);
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const doubtMs = doubt.note(error);
      // A task that counts as gone is not reported, so this doubt may go on beyond the limit. It is short.
      const isLate = performance.now() >= endMs && !isGone(error);
      if (isLate || !(doubtMs > 0 || isPassing(error))) throw error;
      if (!isGone(error)) onTrouble(error);
      // A pause that the server asks for may be longer than the time that is left.
      const leftMs = Math.max(endMs - performance.now(), 0);
      await pauseAfter(failures, policy, error, signal, doubtMs || leftMs);
    }
  }
}

/**
 * The doubt about the answers to one call: proxies and load balancers in between may give the same answers as the runner
 * API. A load balancer that has lost its servers says 404, as for a task that is not known, and a proxy whose operator
 * makes a mistake says that a call is not allowed.
 */
export class Doubt {
  readonly #limits: DoubtMs;
  #kind: keyof DoubtMs | undefined;
  #endMs = 0;

  constructor(limits: DoubtMs) {
    this.#limits = limits;
  }

  /**
   * To be called once for each answer, in order.
   *
   * @returns how long the answer is still doubted, ms. 0: it is believed
   */
  note(error: unknown): number {
    const kind = doubtfulKind(error);
    if (kind === undefined || kind !== this.#kind)
      this.#endMs = performance.now() + (kind ? this.#limits[kind] : 0);
    this.#kind = kind;
    return Math.max(this.#endMs - performance.now(), 0);
  }
}

/** Undefined: there is no answer, or only the runner API can have given it. */
function doubtfulKind(error: unknown): keyof DoubtMs | undefined {
  if (isGone(error)) return 'gone';
  if (!(error instanceof RunnerApiError)) return undefined;
  const { meaning, status } = error;
  // A conflict is about the task's state, which only the runner API knows.
  return meaning === 'malformed' || (meaning === 'refused' && status !== 409) ? 'refused' : undefined;
}

/** Whether there was no answer, or one that the client itself retries. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof RunnerApiError) || error.attempts === 0) return false;
  return error.meaning === undefined || error.meaning === 'try-again';
}
