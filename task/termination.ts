import { delay } from '../internal/delay.ts';
import { Failure } from '../internal/failure.ts';
import type { Logger } from '../internal/log/logger.ts';
import { signalName } from '../internal/signals.ts';
import { taskKinds } from './failure-kinds.ts';

/** The time between SIGTERM and SIGKILL for a task that has to end, ms. */
export const terminateLimitMs = 2000;
/** The longest wait for a process that cannot die (uninterruptible sleep), ms. */
export const killLimitMs = 2000;

/** The time that a task may run after it was asked to end. */
export interface TerminationPeriods {
  /** The time between the signal and the grace period, ms. */
  readonly shutdownDelayMs: number;
  /** The time for the task to finish by itself, ms. */
  readonly gracePeriodMs: number;
}

/** A request to end, by a signal. Only the first signal counts. Kubernetes sends one, and later SIGKILL. */
export class Termination {
  readonly #requested = Promise.withResolvers<string>();
  readonly #logger: Logger;
  #signal: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The name of the signal, once it has come. */
  get signal(): string | undefined {
    return this.#signal;
  }

  /** Resolves with the name of the signal. */
  get requested(): Promise<string> {
    return this.#requested.promise;
  }

  request(signal: number): void {
    const name = signalName(signal);
    if (this.#signal !== undefined) {
      this.#logger.info('termination signal again: already terminating', { signal: name });
      return;
    }
    this.#signal = name;
    this.#logger.info('termination signal received', { signal: name });
    this.#requested.resolve(name);
  }

  /**
   * Resolves with the signal's name once the grace period after it is over. It never resolves if there is no
   * signal, or if `signal` aborts first.
   */
  async graceOver(periods: TerminationPeriods, signal: AbortSignal): Promise<string> {
    const name = await this.requested;
    const { gracePeriodMs, shutdownDelayMs } = periods;
    if (!signal.aborted) {
      this.#logger.info('waiting for the task to end by itself', {
        'shutdown.delay_ms': shutdownDelayMs,
        'grace.period_ms': gracePeriodMs,
      });
    }
    const over = (await delay(shutdownDelayMs, signal)) && (await delay(gracePeriodMs, signal));
    return over ? name : new Promise<never>(() => undefined);
  }
}

/** A termination signal came before the task began, so another try loses nothing. */
export function notStarted(signal: string): Failure {
  return new Failure(
    taskKinds['not-started'],
    `${signal} came before the task agent was started, most likely because the Pod was evicted or deleted. The task has not begun.`,
    { fields: { signal } },
  );
}
