import { podFailureReasons, type Retry } from '../verdict/judge-task.ts';

/** All reasons of failures, including those without a Pod. */
export const failureReasons = [
  ...podFailureReasons,
  'configuration',
  'not-created',
  'drain',
  'defect',
] as const;

/** Why a task failed, if its orchestrator did not report it. */
export interface TaskFailure {
  readonly reason: (typeof failureReasons)[number];
  readonly retry: Retry;
  readonly message: string;
}

/** The failures of tasks that have not begun, and that the next task of the class may well share, at once. */
const alike: ReadonlySet<TaskFailure['reason']> = new Set([
  'configuration',
  'not-created',
  'defect',
  'init-failed',
  'primary-not-started',
  'container-failed',
  'disrupted',
  'pod-failed',
  'pod-deleted',
]);

/**
 * Whether the next task of the class may fail in the same way if it is claimed at once: a node that rejects every Pod, or
 * breaks it, looks empty to the scheduler. An image is the matter of one job, and other failures take minutes.
 */
export function failsLikeTheNext(reason: TaskFailure['reason']): boolean {
  return alike.has(reason);
}
