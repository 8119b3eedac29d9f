import { randomBytes } from 'node:crypto';
import { StepRecord } from './step-record.ts';
import type { ClaimView, ListedRunner, Runner, TaskState, TaskSubmission, TaskView } from './task-view.ts';

interface Claim extends ClaimView {
  handedBack: boolean;
  readonly steps: StepRecord[];
}

interface Task extends TaskView {
  readonly submission: TaskSubmission;
  state: TaskState;
  retriesLeft: number;
  message: string | undefined;
  readonly claims: Claim[];
}

/** The result of handing a task back. */
export type HandBack = 'queued' | 'used-up' | 'unknown';

const defaultRetries = 3;

/**
 * The tasks of a runner API, from their submission to their end. Each claim of a task gets its own allocation and
 * token. The token is valid for reports until the task is handed back or has ended, and for steps until it is
 * cancelled.
 */
export class TaskQueue {
  readonly #classByToken = new Map<string, string>();
  readonly #waiting: Task[] = [];
  readonly #tasks = new Map<string, Task>();
  readonly #claimByToken = new Map<string, { readonly task: Task; readonly claim: Claim }>();
  readonly #runners = new Map<string, ListedRunner>();

  /** @param tokens of the resource classes, by the full names of the classes */
  constructor(tokens: Readonly<Record<string, string>> = {}) {
    for (const [resourceClass, token] of Object.entries(tokens)) this.setToken(resourceClass, token);
  }

  /** Gives a class a new token. The old one becomes invalid. */
  setToken(resourceClass: string, token: string): void {
    for (const [before, name] of this.#classByToken) {
      if (name === resourceClass) this.#classByToken.delete(before);
    }
    this.#classByToken.set(token, resourceClass);
  }

  /** @returns the task, which keeps changing */
  submit(submission: TaskSubmission): TaskView {
    const { configuration, resourceClass, retries = defaultRetries } = submission;
    const given = configuration.task_id;
    const taskId = typeof given === 'string' ? given : randomBytes(12).toString('hex');
    const task: Task = {
      ...{ taskId, resourceClass, submission, state: 'queued', retriesLeft: retries },
      ...{ message: undefined, claims: [] },
    };
    this.#tasks.set(taskId, task);
    this.#waiting.push(task);
    return task;
  }

  /** Cancels a task. From now on, its calls get the answer 404. */
  cancel(taskId: string): void {
    const task = this.#tasks.get(taskId);
    if (task === undefined) throw new Error(`there is no task ${taskId}`);
    task.state = 'cancelled';
    this.#remove(task);
  }

  get tasks(): readonly TaskView[] {
    return [...this.#tasks.values()];
  }

  of(taskId: string): TaskView | undefined {
    return this.#tasks.get(taskId);
  }

  /** The runners of a class, or of all classes. */
  runners(resourceClass?: string): readonly ListedRunner[] {
    return [...this.#runners.values()].filter(
      (runner) => resourceClass === undefined || runner.resource_class === resourceClass,
    );
  }

  /** The owner of a token: the name of a class, the id of a task, or undefined. */
  ownerOf(token: string): string | undefined {
    return this.#classByToken.get(token) ?? this.#claimByToken.get(token)?.task.taskId;
  }

  /** @returns undefined if no class has the token. `task` is undefined if there is no work */
  claim(
    token: string,
    runner: Runner,
  ): { readonly task: (ClaimView & { resourceClass: string; warning: string }) | undefined } | undefined {
    const resourceClass = this.#classByToken.get(token);
    if (resourceClass === undefined) return undefined;
    const task = this.#waiting.find((waiting) => waiting.resourceClass === resourceClass);
    this.#list(runner, resourceClass, task !== undefined);
    if (task === undefined) return { task: undefined };
    this.#remove(task);
    const claim: Claim = {
      allocation: `allocation-${randomBytes(8).toString('hex')}`,
      token: `task-token-${randomBytes(16).toString('hex')}`,
      runner: runner.name,
      handedBack: false,
      steps: [],
    };
    task.state = 'claimed';
    task.claims.push(claim);
    this.#claimByToken.set(claim.token, { task, claim });
    return { task: { ...claim, resourceClass, warning: task.submission.warning ?? '' } };
  }

  /** @returns undefined if the token is not that of a claimed task */
  configurationOf(token: string): object | undefined {
    const task = this.#workedOn(token);
    return task && { ...task.submission.configuration, task_id: task.taskId };
  }

  handBack(token: string, taskId: string): HandBack {
    const task = this.#workedOn(token);
    if (task?.taskId !== taskId) return 'unknown';
    if (task.retriesLeft === 0) return 'used-up';
    task.retriesLeft--;
    task.state = 'queued';
    for (const claim of task.claims) claim.handedBack = true;
    this.#waiting.push(task);
    return 'queued';
  }

  /** @returns whether there is such a claimed task */
  fail(token: string, allocation: string, message: string): boolean {
    const task = this.#workedOn(token);
    if (task?.claims.at(-1)?.allocation !== allocation) return false;
    task.state = 'failed';
    task.message = message;
    return true;
  }

  /** Handles the agent's report of a success. @returns whether there is such a claimed task */
  succeed(token: string): boolean {
    const task = this.#workedOn(token);
    if (task) task.state = 'succeeded';
    return task !== undefined;
  }

  /** @returns the step, or undefined if the task is unknown or cancelled */
  step(token: string, id: number): StepRecord | undefined {
    const { claim, task } = this.#claimByToken.get(token) ?? {};
    if (claim === undefined || task?.state === 'cancelled') return undefined;
    const known = claim.steps.find((step) => step.id === id);
    if (known) return known;
    const step = new StepRecord(id);
    claim.steps.push(step);
    return step;
  }

  /** The task whose current claim has this token. */
  #workedOn(token: string): Task | undefined {
    const { task, claim } = this.#claimByToken.get(token) ?? {};
    return task?.state === 'claimed' && task.claims.at(-1) === claim ? task : undefined;
  }

  #list(runner: Runner, resourceClass: string, used: boolean): void {
    const now = new Date().toISOString();
    const key = `${resourceClass} ${runner.name}`;
    const before = this.#runners.get(key);
    this.#runners.set(key, {
      ...runner,
      resource_class: resourceClass,
      first_connected: before?.first_connected ?? now,
      last_connected: now,
      last_used: used ? now : before?.last_used,
    });
  }

  #remove(task: Task): void {
    const index = this.#waiting.indexOf(task);
    if (index !== -1) this.#waiting.splice(index, 1);
  }
}
