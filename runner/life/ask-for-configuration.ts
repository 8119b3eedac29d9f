import { repeatCall } from '../../clients/runner/repeat-call.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import type { TaskContext } from './task-context.ts';

/**
 * Asks for the configuration of a task, for as long as its Pod may take to be created. While several tasks of a class are
 * refused theirs, or get no answer, the class claims nothing.
 *
 * @throws RunnerApiError, or the signal's reason
 */
export async function askForConfiguration(
  { resourceClass, token }: ClaimedTask,
  { api, callPolicy, createLimitMs, logger, pauses }: TaskContext,
  signal: AbortSignal,
): Promise<unknown> {
  let resume: (() => void) | undefined;
  const policy = { ...callPolicy, limitMs: createLimitMs };
  const onTrouble = (error: unknown) => {
    resume ??= pauses.pauseIfSeveral(resourceClass, 'the configurations of its tasks cannot be read');
    logger.warn('the configuration of a task could not be read yet', { error });
  };
  try {
    return await repeatCall(() => api.taskConfiguration(token, signal), policy, onTrouble, signal);
  } finally {
    resume?.();
  }
}
