import { once } from 'node:events';
import { shortened } from '../../internal/back-off.ts';
import { atMost, delay } from '../../internal/delay.ts';
import { type ClaimLoop, claimTasks } from '../claims/claim-loop.ts';
import type { Slot, Slots } from '../claims/slots.ts';
import { giveBackTask } from '../life/give-back-task.ts';
import { runClaimedTask } from '../life/run-claimed-task.ts';
import { type TakenOverTask, takeOverTask } from '../life/take-over-task.ts';
import type { TaskContext } from '../life/task-context.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import { type ScheduledSweeps, SweepSchedule } from '../sweep/sweep-schedule.ts';
import { type ClassTokens, tokensEveryMs } from './class-tokens.ts';

/** How often the controller looks for classes with a new token, ms. */
const classesMs = 5000;

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
  readonly onAnswer: (resourceClass: string, ...answer: Parameters<ClaimLoop['onAnswer']>) => void;
  /** Searches once for tasks that nobody watches. Resolves to whether everything found was taken over or deleted. */
  readonly sweep: (
    onTask: (task: TakenOverTask) => Promise<void>,
    draining: AbortSignal,
    ending: AbortSignal,
  ) => Promise<boolean>;
  /** The time between two sweeps, ms. One that fails is repeated earlier. */
  readonly sweepEveryMs: number;
  /** Called after each sweep. */
  readonly onSwept: ScheduledSweeps['onSwept'];
}

/** Claims tasks for every class that has a token, and runs them. */
export class Controller {
  readonly #parts: ControllerParts;
  readonly #loops = new Map<string, Promise<void>>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #sweeps: SweepSchedule;
  #isClaiming = false;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#sweeps = new SweepSchedule({
      sweep: (draining, ending) => parts.sweep((task) => this.#takeOver(task, ending), draining, ending),
      everyMs: parts.sweepEveryMs,
      onSwept: parts.onSwept,
      logger: parts.context.logger,
    });
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
    if (await this.#sweeps.first(draining, ending)) await tokens.refresh(draining);
    this.#isClaiming = true;
    void this.#refreshTokens(draining);
    const over = new AbortController();
    void this.#sweeps.repeat(draining, AbortSignal.any([ending, over.signal]));
    while (!draining.aborted) {
      for (const resourceClass of tokens.classes) this.#startLoop(resourceClass, draining, ending);
      await delay(classesMs, draining);
    }
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
      if (!(await delay(shortened(tokensEveryMs), signal))) return;
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

  #takeOver(task: TakenOverTask, ending: AbortSignal): Promise<void> {
    const { context, slots } = this.#parts;
    context.metrics.taskTakenOver();
    const work = () => takeOverTask(task, context, ending);
    return this.#runTask(task.record.allocation, work, slots.takeRegardless(), ending);
  }

  #startLoop(resourceClass: string, draining: AbortSignal, ending: AbortSignal): void {
    if (this.#loops.has(resourceClass)) return;
    const { identity, onAnswer, onClaiming, slots, tokens, context } = this.#parts;
    const run = (work: typeof runClaimedTask, task: ClaimedTask, slot: Slot) =>
      this.#runTask(task.allocation, () => work(task, context, ending), slot, ending);
    const loop: ClaimLoop = {
      resourceClass,
      token: () => tokens.get(resourceClass),
      refreshTokens: () => tokens.refresh(draining),
      pausedBy: () => context.pauses.reasonOf(resourceClass),
      api: context.api,
      identity,
      slots,
      onTask: (task, slot) => void run(runClaimedTask, task, slot),
      onLateTask: (task) => void run(giveBackTask, task, slots.takeRegardless()),
      onAnswer: (...answer) => onAnswer(resourceClass, ...answer),
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
export async function waitForEnds(loops: readonly Promise<unknown>[]): Promise<void> {
  await atMost(2000, Promise.allSettled(loops));
}
