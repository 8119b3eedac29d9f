import type { Reported } from './report-task-failure.ts';
import type { EndReason } from './task-failure.ts';

/** How a task may end: well, or with a failure that its orchestrator or this program has reported. */
export type TaskEnd = 'done' | Reported;

/** The waits of a task: for its primary container to run, or for its failure to be reported. */
export type TaskWait = 'running' | 'reported';

/** The metrics of tasks. Durations are in s. */
export interface TaskMetrics {
  /** A task begins to wait. @returns a function that ends the wait, and may be called twice */
  waits(resourceClass: string, until: TaskWait): () => void;
  podCreated(resourceClass: string, secondsAfterClaim: number): void;
  /**
   * @param reason of the failure. Undefined: the task has not failed
   * @param secondsAfterClaim undefined if the task was taken over
   */
  taskEnded(
    resourceClass: string,
    end: TaskEnd,
    reason: EndReason | undefined,
    secondsAfterClaim: number | undefined,
  ): void;
  taskTakenOver(): void;
  /** Called once for each state. */
  podReached(resourceClass: string, state: 'scheduled' | 'running', secondsAfterClaim: number): void;
}
