import { type PodFailureReason, podFailureReasons, type Retry } from '../verdict/verdict.ts';

/** All reasons of failures, including those without a Pod. */
const failureReasons = [...podFailureReasons, 'configuration', 'not-created', 'drain', 'defect'] as const;

/** Why a task failed. `orchestrator`: its orchestrator has reported it, and the message says more. */
export const endReasons = [...failureReasons, 'orchestrator'] as const;
export type EndReason = (typeof endReasons)[number];

/** Why a task failed, if its orchestrator did not report it. */
export interface TaskFailure {
  readonly reason: (typeof failureReasons)[number];
  readonly retry: Retry;
  readonly message: string;
}

/** Whether a failure was seen on the task's Pod. The others are of tasks that have no Pod, or not any more. */
export function isOfPod(reason: EndReason): reason is PodFailureReason {
  return (podFailureReasons as readonly EndReason[]).includes(reason);
}
