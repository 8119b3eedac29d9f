import type { StepResult } from '../../clients/runner/calls/steps.ts';
import { statusOf } from '../../clients/runner/runner-api-error.ts';
import { escapeUnsafe } from '../../internal/output/safe-text.ts';
import { registrySecretName } from '../pod/names.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import { lifecycleStep, takenOverStep } from '../steps/step-kinds.ts';
import { StepWriter } from '../steps/step-writer.ts';
import { podFailureReasons, type Retry } from '../verdict/judge-task.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import { deletePod, deleteSecrets } from './clean-up.ts';
import { mayHandBack, type Reported, reportTaskFailure } from './report-task-failure.ts';
import { isRunning } from './stop-pod.ts';
import type { TaskRecord } from './task-record.ts';
import type { TaskEnd, World } from './world.ts';

/** All reasons of failures, also of those without a Pod. */
export const failureReasons = [
  ...podFailureReasons,
  'configuration',
  'not-created',
  'drain',
  'defect',
] as const;

/** Why a task ended without its orchestrator having told so. */
export interface TaskFailure {
  readonly reason: (typeof failureReasons)[number];
  readonly retry: Retry;
  readonly message: string;
}

/** What is left of a task. */
export interface Remains {
  /** Undefined: there is none. */
  readonly pod: KnownPod | undefined;
  readonly hasRegistrySecret: boolean;
  /** How long its containers may take to end. Absent: as long as the Pod says. */
  readonly graceSeconds?: number;
}

/** What is known of a task that somebody else has begun. */
export interface TakenOver {
  readonly record: TaskRecord;
  /** The names of the Secrets that say whose it has been. */
  readonly locks: readonly string[];
}

/** Nobody waits for the task any more. */
export class TaskGoneError extends Error {
  override readonly name = 'TaskGoneError';

  constructor() {
    super('the runner API does not know the task any more');
  }
}

/** How long the last words of the step may take, ms: a slow API must not hold up the report for longer. */
const stepLimitMs = 5000;

/** Brings a task to its end exactly once: its step, its report, its one line in the log, and what is left of it. */
export class TaskEnding {
  readonly #world: World;
  readonly #claim: ClaimedTask;
  readonly #step: StepWriter;
  readonly #startMs = performance.now();
  readonly #gone = new AbortController();
  readonly #locks: readonly string[];
  /** Ends what the task waits for. */
  #stopWaiting: () => void;
  #record: TaskRecord | undefined;
  #isOver = false;
  /** The record of a task that was reported could not be deleted. */
  #leavesRecord = false;

  /** @param takenOver if somebody else has begun the task */
  constructor(world: World, claim: ClaimedTask, takenOver?: TakenOver) {
    this.#world = world;
    this.#claim = claim;
    this.#locks = takenOver?.locks ?? [];
    this.#stopWaiting = world.metrics.waits(claim.resourceClass, 'running');
    world.secrets.add(claim.token);
    if (takenOver !== undefined) this.#watch(takenOver.record);
    const { attributes, id } = takenOver === undefined ? lifecycleStep : takenOverStep;
    this.#step = new StepWriter(world.api.steps, { taskToken: claim.token, id }, attributes, (error) => {
      world.logger.debug('output of the lifecycle step was lost', { error });
      if (statusOf(error) === 404) this.#gone.abort(new TaskGoneError());
    });
  }

  /** From now on the task has a Pod's name. */
  begin(record: TaskRecord): void {
    this.#watch(record);
    const { instance } = this.#world.podSettings();
    this.tell(
      `Task ${record.taskId} of the resource class ${record.resourceClass} was claimed by ${instance}.`,
    );
  }

  get record(): TaskRecord | undefined {
    return this.#record;
  }

  get allocation(): string {
    return this.#claim.allocation;
  }

  /** Its primary container runs. */
  run(): void {
    this.#stopWaiting();
  }

  /**
   * The sweep takes care of whatever is left of the task, unless that looks like a task that was not reported. To be
   * called once.
   */
  stopWatching(): void {
    this.#stopWaiting();
    this.#world.secrets.remove(this.#claim.token);
    if (this.#record === undefined || this.#leavesRecord) return;
    this.#world.watched.delete(this.#record.podName);
  }

  /** Aborts with a {@link TaskGoneError} when the runner API does not know the task any more: it was cancelled. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Whether the task's end was reported. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** A line in the task's lifecycle step. */
  tell(line: string): void {
    this.#step.write(`${this.#presentable(line)}\n`);
  }

  /** What may be shown: a line may have words of others in it. */
  #presentable(line: string): string {
    return escapeUnsafe(this.#world.secrets.mask(line));
  }

  /** Whether {@link fail} will hand the task back for another try. */
  mayHandBack(retry: Retry): boolean {
    return mayHandBack(this.#knownRecord(), retry);
  }

  /** Ends a task that nobody waits for: there is nothing to report, whatever its Pod is doing. */
  async abandon(left: Omit<Remains, 'graceSeconds'>, signal: AbortSignal): Promise<void> {
    this.finish('gone');
    const { client, logger } = this.#world;
    // Its containers may have the time that they need to end.
    if (left.pod !== undefined) await deletePod(client, left.pod, undefined, logger, signal);
    await this.cleanUp({ ...left, pod: undefined }, signal);
  }

  /** Ends the step, and reports a failure. @throws the signal's reason */
  async fail({ message, ...rest }: TaskFailure, signal: AbortSignal): Promise<Reported> {
    const { api, logger } = this.#world;
    this.#stopWaiting();
    this.#stopWaiting = this.#world.metrics.waits(this.#claim.resourceClass, 'reported');
    const failure = { ...rest, message: this.#presentable(message) };
    this.tell(message);
    // When the task is over its token is good for nothing: what the step has to say goes before.
    await this.#endStep('failure');
    const reported = await reportTaskFailure(api, this.#knownRecord(), failure, logger, signal);
    this.finish(reported, failure);
    return reported;
  }

  /** The orchestrator has reported whatever there was to report. */
  async succeed(): Promise<void> {
    this.tell('The task has ended.');
    await this.#endStep('success');
    this.finish('done');
  }

  /** The one line of a task's end: `error` and `app.to_retry` are what dashboards look for. */
  finish(end: TaskEnd, failure?: TaskFailure): void {
    this.#isOver = true;
    this.#stopWaiting();
    const { logger, metrics } = this.#world;
    // A task that was cancelled is no failure, whatever became of its Pod.
    const counts = end === 'gone' ? undefined : failure;
    metrics.taskEnded(this.#claim.resourceClass, end, counts?.reason);
    const fields = {
      task: this.#record?.taskId,
      allocation: this.#claim.allocation,
      pod: this.#record?.podName,
      'resource.class': this.#claim.resourceClass,
      end,
      ...(failure === undefined ? {} : { reason: failure.reason }),
      'duration.ms': Math.round(performance.now() - this.#startMs),
    };
    if (counts === undefined) logger.info('service-work', fields);
    else
      logger.error('service-work', {
        ...fields,
        error: counts.message,
        'app.to_retry': end === 'handed-back',
      });
  }

  /**
   * Deletes the task's Secrets, then its Pod, if it is known to have one: whoever finds the Pod alone knows that the
   * task was reported. Where Pods are to be kept, one whose orchestrator runs goes all the same: nobody waits for that
   * any more.
   */
  async cleanUp({ graceSeconds, hasRegistrySecret, pod }: Remains, signal: AbortSignal): Promise<void> {
    if (this.#record === undefined) return;
    const { client, keepPods, logger } = this.#world;
    const { podName } = this.#record;
    const secrets = hasRegistrySecret ? [podName, registrySecretName(podName)] : [podName];
    this.#leavesRecord = !(await deleteSecrets(client, secrets, logger, signal));
    const isKept = keepPods && pod !== undefined && !isRunning({ pod, gone: false });
    if (pod !== undefined && !isKept) await deletePod(client, pod, graceSeconds, logger, signal);
    await deleteSecrets(client, this.#locks, logger, signal);
  }

  #watch(record: TaskRecord): void {
    this.#record = record;
    if (record.podName !== '') this.#world.watched.add(record.podName);
  }

  async #endStep(result: StepResult): Promise<void> {
    await this.#step.end(result, stepLimitMs);
  }

  /** Before its configuration is known a task has no id, and can only be failed. */
  #knownRecord(): TaskRecord {
    return this.#record ?? { podName: '', taskId: '', unsafeRetries: false, ...this.#claim };
  }
}
