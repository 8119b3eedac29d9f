import type { StepRecord } from './step-record.ts';

/** A task for a runner. */
export interface TaskSubmission {
  /** Its full name, such as `namespace/name`. */
  readonly resourceClass: string;
  /** The task's configuration. It gets a `task_id` unless it has one. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** How often it may be handed back. */
  readonly retries?: number | undefined;
  /** A warning in the answer to each of its claims. */
  readonly warning?: string | undefined;
}

/** The state of a task. `succeeded` is only known if the agent reports it. */
export type TaskState = 'queued' | 'claimed' | 'succeeded' | 'failed' | 'cancelled';

/** A task as its owner sees it. */
export interface TaskView {
  readonly taskId: string;
  readonly resourceClass: string;
  readonly state: TaskState;
  readonly retriesLeft: number;
  /** Why it failed. */
  readonly message: string | undefined;
  /** All of its claims, in order. */
  readonly claims: readonly ClaimView[];
}

export interface ClaimView {
  readonly allocation: string;
  readonly token: string;
  /** Name of the runner. */
  readonly runner: string;
  readonly handedBack: boolean;
  readonly steps: readonly StepRecord[];
}

/** A runner that has asked for work. */
export interface Runner {
  readonly name: string;
  readonly hostname: string;
  readonly ip: string;
  readonly version: string;
}

/** A runner in the list. Times are in ISO 8601. */
export interface ListedRunner extends Runner {
  readonly resource_class: string;
  readonly first_connected: string;
  readonly last_connected: string;
  /** When it last got a task, if ever. */
  readonly last_used: string | undefined;
}
