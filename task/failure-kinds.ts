import { Failure, failureKinds } from '../internal/failure.ts';

/** The kinds of a task's failures. docs/orchestrator/failures-and-messages.md says when each happens. */
export const taskKinds = failureKinds({
  config: { retryable: false, exitStatus: 1 },
  'entrypoint-start': { retryable: false, exitStatus: 1 },
  'readiness-timeout': { retryable: true, exitStatus: 1 },
  'not-started': { retryable: true, exitStatus: 1 },
  user: { retryable: false, exitStatus: 1 },
  'agent-start': { retryable: true, exitStatus: 1 },
  'agent-exit': { retryable: false, exitStatus: 1 },
  'task-interrupted': { retryable: false, exitStatus: 1 },
  internal: { retryable: false, exitStatus: 1 },
});

/**
 * Turns a thrown value into a failure. A value that is not a Failure was not expected: it shows a defect of
 * this program.
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new Failure(taskKinds.internal, `The orchestrator itself failed: ${reason}.`, { cause: error });
}
