import { isGone } from '../../clients/runner/runner-api-error.ts';
import { escapeUnsafe } from '../../internal/output/safe-text.ts';
import { withFields } from '../log/controller-logger.ts';
import { deletePod } from '../objects/delete-objects.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import { lifecycleStep, takenOverStep } from '../steps/step-kinds.ts';
import { StepWriter } from '../steps/step-writer.ts';
import type { Retry } from '../verdict/verdict.ts';
import type { OrchestratorReport } from './orchestrator-report.ts';
import { mayHandBack, type Reported, reportTaskFailure } from './report-task-failure.ts';
import type { TaskContext } from './task-context.ts';
import { type EndReason, isOfPod, type TaskFailure } from './task-failure.ts';
import type { TaskEnd } from './task-metrics.ts';
import { type Remains, TaskObjects } from './task-objects.ts';
import { logFieldsOf, type TaskRecord } from './task-record.ts';

/** A task that another instance has begun. */
export interface TakenOver {
  readonly record: TaskRecord;
  /** The names of the Secrets that say who has had the task. */
  readonly locks: readonly string[];
}

/** Nobody waits for the task any more. */
export class TaskGoneError extends Error {
  override readonly name = 'TaskGoneError';

  constructor() {
    super('the runner API does not know the task any more');
  }
}

/** What is known of a task and told about it. Ends it exactly once: its step, report, line in the log, and clean-up. */
export class TaskLife {
  /** What the lives of all tasks share, with a logger whose lines name this one. */
  readonly context: TaskContext;
  readonly #claim: ClaimedTask;
  readonly #step: StepWriter;
  readonly #startMs = performance.now();
  readonly #taskGone = new AbortController();
  readonly #objects: TaskObjects;
  /** Ends the wait that the metrics show for the task. */
  #stopWaiting: () => void;
  /** What the pauses of the class know of the task's start. Of one that was taken over they need to know nothing. */
  #start: 'unknown' | 'failed' | 'begun';
  #record: TaskRecord | undefined;
  #node: string | undefined;
  readonly #isTakenOver: boolean;
  /** Whether the cluster has the task's record, so that others find the task. */
  #isRecorded: boolean;
  #isOver = false;

  /** @param takenOver if another instance has begun the task */
  constructor(context: TaskContext, claim: ClaimedTask, takenOver?: TakenOver) {
    const logger = withFields(context.logger, () => logFieldsOf(this.#record ?? claim));
    this.context = { ...context, logger };
    this.#claim = claim;
    this.#objects = new TaskObjects(this.context, takenOver?.locks ?? []);
    this.#isTakenOver = takenOver !== undefined;
    this.#isRecorded = takenOver !== undefined;
    this.#stopWaiting = context.metrics.waits(claim.resourceClass, 'running');
    this.#start = takenOver === undefined ? 'unknown' : 'begun';
    context.mask.add(claim.token);
    if (takenOver !== undefined) this.#watch(takenOver.record);
    const { attributes, id } = takenOver === undefined ? lifecycleStep : takenOverStep();
    const onTrouble = (error: unknown) => {
      this.context.logger.debug('output of the lifecycle step was lost', { error });
      if (!isGone(error) || this.#taskGone.signal.aborted) return;
      this.context.logger.info('the runner API no longer knows the task', { error });
      this.#taskGone.abort(new TaskGoneError());
    };
    const step = { taskToken: claim.token, id };
    this.#step = new StepWriter(context.api.steps, step, attributes, context.stepPolicy, onTrouble);
  }

  /** To be called when the task has the name of its Pod. */
  begin(record: TaskRecord): void {
    this.#watch(record);
    const { instance } = this.context.podSettings();
    this.tell(
      `Task ${record.taskId} of the resource class ${record.resourceClass} was claimed by ${instance}.`,
    );
  }

  /** To be called when the Secret with the task's record exists. */
  noteRecorded(): void {
    this.#isRecorded = true;
  }

  get record(): TaskRecord | undefined {
    return this.#record;
  }

  /** To be called when the task's Pod is on a node. */
  noteNode(name: string): void {
    this.#node = name;
  }

  /** To be called when the primary container runs. */
  noteRunning(): void {
    this.#stopWaiting();
    if (this.#start !== 'begun') this.context.pauses.noteStart(this.#claim.resourceClass);
    this.#start = 'begun';
  }

  /**
   * To be called when the task is to end before it has begun, and the next one may end the same way. Its orchestrator
   * may still start while the Pod is stopped: then it has begun after all.
   */
  noteFailedStart(): void {
    if (this.#start !== 'unknown') return;
    this.context.pauses.noteFailedStart(this.#claim.resourceClass);
    this.#start = 'failed';
  }

  /**
   * Hands what is left to the sweep, except a record that could not be deleted: the sweep would take its task for one
   * that was not reported. Call it once, at the end of the task or of this program.
   */
  stopWatching(): void {
    if (!this.#isOver && !this.#isRecorded)
      this.context.logger.error('this program ends, and perhaps nobody else knows of the task');
    this.#stopWaiting();
    this.context.mask.remove(this.#claim.token);
    if (this.#record === undefined || this.#objects.isRecordLeft) return;
    this.context.watch.unfollow(this.#record.podName);
  }

  /** Aborts with a {@link TaskGoneError} when the runner API no longer knows the task: it was cancelled. */
  get taskGone(): AbortSignal {
    return this.#taskGone.signal;
  }

  /** Whether the task's end was reported. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Adds a line to the task's lifecycle step. */
  tell(line: string): void {
    this.#step.write(`${this.#presentable(line)}\n`);
  }

  /** Makes a line safe to show: it may have words of others in it. */
  #presentable(line: string): string {
    return escapeUnsafe(this.context.mask.mask(line));
  }

  /** Whether {@link fail} will hand the task back for another try. */
  mayHandBack(retry: Retry): boolean {
    return mayHandBack(this.#knownRecord(), retry);
  }

  /** Ends a task that nobody waits for. There is nothing to report, whatever its Pod does. */
  async abandon(left: Omit<Remains, 'graceSeconds'>, signal: AbortSignal): Promise<void> {
    this.finish('gone');
    const { client, logger } = this.context;
    // Its containers may take their time to end.
    if (left.pod !== undefined) await deletePod(client, left.pod, undefined, logger, signal);
    await this.cleanUp({ ...left, pod: undefined }, signal);
  }

  /** Ends the step, and reports a failure. @throws the signal's reason */
  async fail({ message, ...rest }: TaskFailure, signal: AbortSignal): Promise<Reported> {
    const { api, callPolicy, logger } = this.context;
    // Before the report: then the runner API may give the task away again.
    if (!isOfPod(rest.reason)) this.noteFailedStart();
    this.#stopWaiting();
    this.#stopWaiting = this.context.metrics.waits(this.#claim.resourceClass, 'reported');
    const failure = { ...rest, message: this.#presentable(message) };
    this.tell(message);
    // When the task is over, its token is invalid, so the step ends first.
    await this.#step.end('failure', signal);
    signal.throwIfAborted();
    const reported = await reportTaskFailure(api, this.#knownRecord(), failure, callPolicy, logger, signal);
    this.finish(reported, failure);
    return reported;
  }

  /**
   * Ends a task that its orchestrator has brought to its end.
   *
   * @param report what the orchestrator has told the runner API. Undefined: there was no failure
   * @param cause why this program has stopped the Pod before that. Undefined: it has not
   */
  async endAsReported(
    report: OrchestratorReport | undefined,
    cause?: Pick<TaskFailure, 'reason' | 'message'>,
  ): Promise<void> {
    this.noteRunning();
    this.tell('The task has ended.');
    this.#step.hurry();
    await this.#step.end('success');
    if (report === undefined) return this.finish('done');
    const message = cause === undefined ? report.message : `${cause.message} ${report.message}`;
    const reason = cause?.reason ?? 'orchestrator';
    this.finish(report.end, { reason, message: this.#presentable(message) });
  }

  /** Writes the one line about the task's end. Dashboards look for `error` and `app.to_retry`. */
  finish(end: TaskEnd, failure?: { readonly reason: EndReason; readonly message: string }): void {
    this.#isOver = true;
    this.#stopWaiting();
    const { logger, metrics } = this.context;
    // A cancelled task is not a failure, whatever happened to its Pod.
    const counts = end === 'gone' ? undefined : failure;
    const durationMs = performance.now() - this.#startMs;
    const secondsAfterClaim = this.#isTakenOver ? undefined : durationMs / 1000;
    metrics.taskEnded(this.#claim.resourceClass, end, counts?.reason, secondsAfterClaim);
    const fields = {
      node: this.#node,
      end,
      ...(failure === undefined ? {} : { reason: failure.reason }),
      duration_ms: Math.round(durationMs),
    };
    if (counts === undefined) logger.info('service-work', fields);
    else
      logger.error('service-work', {
        ...fields,
        error: counts.message,
        'app.to_retry': end === 'handed-back',
      });
  }

  /** Deletes the objects that are left of the task. Before {@link begin} there are none. */
  async cleanUp(remains: Remains, signal: AbortSignal): Promise<void> {
    if (this.#record !== undefined) await this.#objects.delete(this.#record.podName, remains, signal);
  }

  #watch(record: TaskRecord): void {
    this.#record = record;
    if (record.podName !== '') this.context.watch.follow(record.podName);
  }

  /** Before its configuration is known, a task has no id, and it can only fail. */
  #knownRecord(): TaskRecord {
    return this.#record ?? { podName: '', taskId: '', unsafeRetries: false, ...this.#claim };
  }
}
