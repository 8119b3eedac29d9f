/** Why the orchestrator did not bring a task to its end. The set is bounded: it is a label of the metrics. */
export const podFailureReasons = [
  'unschedulable',
  'image-invalid',
  'image-refused',
  'image-pull-timeout',
  'container-failed',
  'start-timeout',
  'init-failed',
  'primary-not-started',
  'primary-failed',
  'out-of-memory',
  'liveness',
  'disrupted',
  'deadline',
  'pod-failed',
  'pod-deleted',
  'node-lost',
] as const;
export type PodFailureReason = (typeof podFailureReasons)[number];

/**
 * Whether the task may be handed back: `always` if no step of the job can have run, `never` if another try would fail
 * the same way, and `if-unsafe` if steps may have run, which the class then has to allow.
 */
export type Retry = 'always' | 'never' | 'if-unsafe';

export type TaskVerdict =
  /** Not started yet. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'running' }
  /** The orchestrator has brought the task to its end and reported it. */
  | { readonly kind: 'done' }
  | PodFailure;

export interface PodFailure {
  readonly kind: 'failed';
  readonly reason: PodFailureReason;
  readonly retry: Retry;
  readonly message: string;
}

export function failed(reason: PodFailureReason, retry: Retry, message: string): PodFailure {
  return { kind: 'failed', reason, retry, message };
}
