import { once } from 'node:events';
import { Refusals } from '../../clients/kubernetes/kubernetes-error.ts';
import { type Backoff, pauseAfter, shortened } from '../../internal/back-off.ts';
import { atMost, delay } from '../../internal/delay.ts';
import { type ClaimLoop, claimTasks } from '../claims/claim-loop.ts';
import type { Slot, Slots } from '../claims/slots.ts';
import { giveBackTask } from '../life/give-back-task.ts';
import { runClaimedTask } from '../life/run-claimed-task.ts';
import { type TakenOverTask, takeOverTask } from '../life/take-over-task.ts';
import type { TaskContext } from '../life/task-context.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import type { SweepResult } from '../sweep/sweep-result.ts';
import type { ClassTokens } from './class-tokens.ts';

/** Tokens are read again this often, ms. */
const tokensMs = 60_000;
/** How often the controller looks for classes with a new token, ms. */
const classesMs = 5000;

/** For the first sweep: nothing is claimed before it. */
const firstBackoff: Backoff = { first: 500, longest: 15_000 };
/** For a later sweep that is repeated before its time. */
const laterBackoff: Backoff = { first: 500, longest: 60_000 };

/** The parts of the controller. */
export interface ControllerParts {
  readonly context: TaskContext;
  readonly tokens: ClassTokens;
  readonly slots: Slots;
  /** The dotted names of the classes in the task Pod configuration. */
  readonly configuredClasses: () => Iterable<string>;
  readonly identity: ClaimLoop['identity'];
  /** Called for each class that begins to claim. */
  readonly onClaiming: (resourceClass: string) => void;
  readonly onAnswer: (resourceClass: string, outcome: Parameters<ClaimLoop['onAnswer']>[0]) => void;
  /** Searches once for tasks that nobody watches. Resolves to whether everything found was taken over or deleted. */
  readonly sweep: (
    onTask: (task: TakenOverTask) => Promise<void>,
    draining: AbortSignal,
    ending: AbortSignal,
  ) => Promise<boolean>;
  /** The time between two sweeps, ms. One that fails is repeated earlier. */
  readonly sweepEveryMs: number;
  /** Called after each sweep. */
  readonly onSwept: (result: SweepResult) => void;
}

/** Claims tasks for every class that has a token, and runs them. */
export class Controller {
  readonly #parts: ControllerParts;
  readonly #loops = new Map<string, Promise<void>>();
  readonly #tasks = new Set<Promise<void>>();
  /** The sweeps in a row that have failed, or were incomplete. */
  #failedSweeps = 0;
  #isClaiming = false;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
  }

  /** The number of this replica's tasks that have not ended. */
  get tasks(): number {
    return this.#tasks.size;
  }

  /** Whether it claims tasks. Before that, it takes over those that already run. */
  get isClaiming(): boolean {
    return this.#isClaiming;
  }

  /**
   * Works until `draining` aborts, then waits for the running tasks, until `ending` aborts.
   *
   * @param draining after it aborts, there are no more claims
   * @param ending after it aborts, the tasks continue without us
   */
  async run(draining: AbortSignal, ending: AbortSignal): Promise<void> {
    const { tokens } = this.#parts;
    // Tasks that already run come first. New tasks get the remaining slots.
    await this.#sweepFirst(draining, ending);
    this.#isClaiming = true;
    void this.#refreshTokens(draining);
    const over = new AbortController();
    void this.#sweepAgain(draining, AbortSignal.any([ending, over.signal]));
    do {
      for (const resourceClass of tokens.classes) this.#startLoop(resourceClass, draining, ending);
    } while (await delay(classesMs, draining));
    // This does not wait for running calls to the runner API: they may take a minute.
    await Promise.race([this.#allDone(), aborted(ending)]);
    over.abort();
  }

  /** Resolves when all tasks have ended. That may take hours. */
  async #allDone(): Promise<void> {
    this.#parts.context.logger.info('no more claims: waiting for the running tasks to end', {
      'tasks.left': this.tasks,
    });
    await Promise.all(this.#loops.values());
    while (this.#tasks.size > 0) await Promise.allSettled(this.#tasks);
  }

  /** Brings a task to its end, then gives its slot back. Never rejects. */
  #runTask(allocation: string, work: () => Promise<void>, slot: Slot, ending: AbortSignal): Promise<void> {
    const { logger } = this.#parts.context;
    const task = work()
      .catch((error: unknown) => {
        if (ending.aborted) return;
        logger.error('a task was lost because of a defect of this program', { allocation, error });
      })
      .finally(() => {
        this.#tasks.delete(task);
        slot.release();
      });
    this.#tasks.add(task);
    return task;
  }

  async #refreshTokens(signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#warnOfMissingTokens();
      if (!(await delay(shortened(tokensMs), signal))) return;
      await this.#parts.tokens.refresh(signal);
    }
  }

  /** Warns again each time: nobody reads the first lines of a log. */
  #warnOfMissingTokens(): void {
    const { configuredClasses, tokens, context } = this.#parts;
    for (const resourceClass of configuredClasses()) {
      if (tokens.get(resourceClass) !== undefined) continue;
      context.logger.warn(
        'a class of the task Pod configuration has no token, so nothing is claimed for it',
        {
          'resource.class': resourceClass,
        },
      );
    }
  }

  /**
   * Sweeps until the API server says what there is. While it is away, there are no tokens either, and no task could
   * run. If it refuses again and again, it may never say, and this does not wait any longer.
   */
  async #sweepFirst(draining: AbortSignal, ending: AbortSignal): Promise<void> {
    const refusals = new Refusals();
    let failures = 0;
    while (!draining.aborted) {
      const { error } = await this.#sweep(draining, ending);
      if (error === undefined || refusals.isFinal(error)) break;
      await pauseAfter(++failures, firstBackoff, error, draining);
    }
    if (failures > 0) await this.#parts.tokens.refresh(draining);
  }

  /** Goes on during a drain, which may take hours: while we live, nobody else takes over a task that is ours. */
  async #sweepAgain(draining: AbortSignal, ending: AbortSignal): Promise<void> {
    const longest = Math.min(this.#parts.sweepEveryMs, laterBackoff.longest);
    let error: unknown;
    while (!ending.aborted) {
      // Replicas that were started together do not list everything together for ever.
      if (this.#failedSweeps === 0) await delay(shortened(this.#parts.sweepEveryMs), ending);
      else await pauseAfter(this.#failedSweeps, { ...laterBackoff, longest }, error, ending);
      if (!ending.aborted) ({ error } = await this.#sweep(draining, ending));
    }
  }

  /** @returns the error, if the tasks could not be searched for */
  async #sweep(draining: AbortSignal, ending: AbortSignal): Promise<{ readonly error?: unknown }> {
    const { slots, sweep, context } = this.#parts;
    const wasDraining = draining.aborted;
    const onTask = (task: TakenOverTask) => {
      context.metrics.taskTakenOver();
      const work = () => takeOverTask(task, context, ending);
      return this.#runTask(task.record.allocation, work, slots.take(), ending);
    };
    try {
      this.#noteSweep((await sweep(onTask, draining, ending)) ? 'complete' : 'incomplete');
      return {};
    } catch (error) {
      // What a beginning drain ends is no failure.
      if (ending.aborted || (draining.aborted && !wasDraining)) return {};
      this.#noteSweep('failed');
      context.logger.warn('cannot look for tasks that nobody watches; the next sweep tries again', {
        error,
      });
      return { error };
    }
  }

  #noteSweep(result: SweepResult): void {
    this.#failedSweeps = result === 'complete' ? 0 : this.#failedSweeps + 1;
    this.#parts.onSwept(result);
  }

  #startLoop(resourceClass: string, draining: AbortSignal, ending: AbortSignal): void {
    if (this.#loops.has(resourceClass)) return;
    const { identity, onAnswer, onClaiming, slots, tokens, context } = this.#parts;
    const run = (work: typeof runClaimedTask, task: ClaimedTask, slot: Slot) =>
      this.#runTask(task.allocation, () => work(task, context, ending), slot, ending);
    const loop: ClaimLoop = {
      resourceClass,
      token: () => tokens.get(resourceClass),
      refreshTokens: () => tokens.refresh(ending),
      pausedBy: () => context.pauses.reasonOf(resourceClass),
      api: context.api,
      identity,
      slots,
      onTask: (task, slot) => void run(runClaimedTask, task, slot),
      onLateTask: (task) => void run(giveBackTask, task, slots.take()),
      onAnswer: (outcome) => onAnswer(resourceClass, outcome),
      logger: context.logger,
      pause: delay,
    };
    onClaiming(resourceClass);
    context.logger.info('claiming', { 'resource.class': resourceClass });
    this.#loops.set(resourceClass, claimTasks(loop, draining));
  }
}

/** Resolves when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Waits for loops that a signal has ended, for a few seconds at most. */
export async function settle(loops: readonly Promise<unknown>[]): Promise<void> {
  await atMost(2000, Promise.allSettled(loops));
}
