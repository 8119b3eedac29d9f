import { statusOf } from '../../clients/runner/runner-api-error.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import { lifecycleStep } from '../steps/step-kinds.ts';
import { StepWriter } from '../steps/step-writer.ts';
import type { FailureReason, Retry } from '../verdict/judge-task.ts';
import { cleanUp, type Remains } from './clean-up.ts';
import { type Reported, reportTaskFailure } from './report-task-failure.ts';
import type { TaskRecord } from './task-record.ts';
import type { World } from './world.ts';

/** Why a task ended without its orchestrator having told so. */
export interface TaskFailure {
  readonly reason: FailureReason | 'configuration' | 'not-created';
  readonly retry: Retry;
  readonly message: string;
}

/** What there may be of a task in the cluster. */
type LeftObjects = Pick<Remains, 'podUid' | 'hasRegistrySecret' | 'now'>;

/** Nobody waits for the task any more. */
export class TaskGoneError extends Error {
  override readonly name = 'TaskGoneError';

  constructor() {
    super('the runner API does not know the task any more');
  }
}

/** Brings a task to its end exactly once: its step, its report, its one line in the log, and what is left of it. */
export class TaskEnding {
  readonly #world: World;
  readonly #claim: ClaimedTask;
  readonly #step: StepWriter;
  readonly #startMs = performance.now();
  readonly #gone = new AbortController();
  #record: TaskRecord | undefined;

  constructor(world: World, claim: ClaimedTask, record?: TaskRecord) {
    this.#world = world;
    this.#claim = claim;
    this.#record = record;
    const { attributes, id } = lifecycleStep;
    this.#step = new StepWriter(world.api.steps, { taskToken: claim.token, id }, attributes, (error) => {
      world.logger.debug('output of the lifecycle step was lost', { error });
      if (statusOf(error) === 404) this.#gone.abort(new TaskGoneError());
    });
  }

  /** From now on the task has a Pod's name. */
  begin(record: TaskRecord): void {
    this.#record = record;
    this.tell(`Task ${record.taskId} of the resource class ${record.resourceClass} was claimed.`);
  }

  get record(): TaskRecord | undefined {
    return this.#record;
  }

  /** Aborts with a {@link TaskGoneError} when the runner API does not know the task any more: it was cancelled. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** A line in the task's lifecycle step. */
  tell(line: string): void {
    this.#step.write(`${line}\n`);
  }

  /** Ends a task that nobody waits for: there is nothing to report, whatever its Pod is doing. */
  async abandon(left: Omit<LeftObjects, 'now'>, signal: AbortSignal): Promise<void> {
    this.finish('gone');
    // Its containers may have the time that they need to end.
    await this.cleanUp({ ...left, now: false }, signal);
  }

  /** Reports a failure, and ends the step. @throws the signal's reason */
  async fail(failure: TaskFailure, signal: AbortSignal): Promise<Reported> {
    const { api, logger } = this.#world;
    this.tell(failure.message);
    const record = this.#record ?? this.#recordOfClaim();
    const reported = await reportTaskFailure(api, record, failure, logger, signal);
    await this.#step.end('failure');
    this.finish(reported, reported === 'gone' ? undefined : failure);
    return reported;
  }

  /** The orchestrator has reported whatever there was to report. */
  async succeed(): Promise<void> {
    await this.#step.end('success');
    this.finish('done');
  }

  /** The one line of a task's end: `error` and `app.to_retry` are what dashboards look for. */
  finish(end: Reported | 'done', failure?: TaskFailure): void {
    const { logger, metrics } = this.#world;
    metrics.taskEnded(this.#claim.resourceClass, failure?.reason ?? end);
    const fields = {
      task: this.#record?.taskId,
      allocation: this.#claim.allocation,
      pod: this.#record?.podName,
      'resource.class': this.#claim.resourceClass,
      end,
      'duration.ms': Math.round(performance.now() - this.#startMs),
      ...(failure === undefined
        ? {}
        : { error: failure.message, reason: failure.reason, 'app.to_retry': end === 'handed-back' }),
    };
    if (failure === undefined) logger.info('service-work', fields);
    else logger.error('service-work', fields);
  }

  /** Deletes the task's Pod and Secrets, as far as there are any. */
  async cleanUp(left: LeftObjects, signal: AbortSignal): Promise<void> {
    if (this.#record === undefined) return;
    const { client, keepPods, logger } = this.#world;
    await cleanUp(client, { podName: this.#record.podName, keepPod: keepPods, ...left }, logger, signal);
  }

  /** Before its configuration is known a task has no id, and can only be failed. */
  #recordOfClaim(): TaskRecord {
    return { podName: '', taskId: '', unsafeRetries: false, ...this.#claim };
  }
}
