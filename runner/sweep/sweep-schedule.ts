import { Refusals } from '../../clients/kubernetes/kubernetes-error.ts';
import { type Backoff, pauseAfter, shortened } from '../../internal/back-off.ts';
import { delay } from '../../internal/delay.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';
import type { SweepResult } from './sweep-result.ts';

/** For the first sweep: nothing is claimed before it. */
const firstBackoff: Backoff = { first: 500, longest: 15_000 };
/** For a later sweep that is repeated before its time. */
const laterBackoff: Backoff = { first: 500, longest: 60_000 };

/** What a schedule needs. */
export interface ScheduledSweeps {
  /** Sweeps once. The signals and the result are those of `sweep`. */
  readonly sweep: (draining: AbortSignal, ending: AbortSignal) => Promise<boolean>;
  /** The time between two sweeps, ms. One that fails is repeated earlier. */
  readonly everyMs: number;
  /** Called after each sweep. */
  readonly onSwept: (result: SweepResult) => void;
  readonly logger: ControllerLogger;
}

/** The sweeps of a controller, one after the other. */
export class SweepSchedule {
  readonly #sweeps: ScheduledSweeps;
  /** The sweeps in a row that have failed, or were incomplete. */
  #failures = 0;

  constructor(sweeps: ScheduledSweeps) {
    this.#sweeps = sweeps;
  }

  /**
   * Sweeps until the API server says what there is, or has refused several times. While it is away, there are no tokens
   * either, and no task could run.
   *
   * @returns whether this took more than one try
   */
  async first(draining: AbortSignal, ending: AbortSignal): Promise<boolean> {
    const refusals = new Refusals();
    let failures = 0;
    while (!draining.aborted) {
      const { error } = await this.#sweep(draining, ending);
      if (error === undefined || refusals.isFinal(error)) break;
      await pauseAfter(++failures, firstBackoff, error, draining);
    }
    return failures > 0;
  }

  /**
   * Sweeps again and again, until `ending` aborts. Goes on during a drain, which may take hours: while we live, nobody
   * else takes over a task that is ours.
   */
  async repeat(draining: AbortSignal, ending: AbortSignal): Promise<void> {
    const { everyMs } = this.#sweeps;
    const longest = Math.min(everyMs, laterBackoff.longest);
    let error: unknown;
    while (!ending.aborted) {
      // Replicas that were started together do not list everything together for ever.
      if (this.#failures === 0) await delay(shortened(everyMs), ending);
      else await pauseAfter(this.#failures, { ...laterBackoff, longest }, error, ending);
      if (!ending.aborted) ({ error } = await this.#sweep(draining, ending));
    }
  }

  /** @returns the error, if the tasks could not be searched for */
  async #sweep(draining: AbortSignal, ending: AbortSignal): Promise<{ readonly error?: unknown }> {
    const { logger, sweep } = this.#sweeps;
    const wasDraining = draining.aborted;
    try {
      this.#note((await sweep(draining, ending)) ? 'complete' : 'incomplete');
      return {};
    } catch (error) {
      // What a beginning drain ends is no failure.
      if (ending.aborted || (draining.aborted && !wasDraining)) return {};
      this.#note('failed');
      logger.warn('cannot look for tasks that nobody watches; the next sweep tries again', { error });
      return { error };
    }
  }

  #note(result: SweepResult): void {
    this.#failures = result === 'complete' ? 0 : this.#failures + 1;
    this.#sweeps.onSwept(result);
  }
}
