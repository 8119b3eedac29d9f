import type { ClaimedTask } from '../pod/pod-plan.ts';
import { retryCall, untilAnswered } from './retry-call.ts';
import type { TaskContext } from './task-context.ts';

/**
 * Asks for the configuration of a task, for as long as its Pod may take to be created.
 *
 * @throws RunnerApiError, or the signal's reason
 */
export function askForConfiguration(
  { allocation, token }: ClaimedTask,
  { api, createLimitMs, logger }: TaskContext,
  signal: AbortSignal,
): Promise<unknown> {
  const policy = { ...untilAnswered, limitMs: createLimitMs };
  const onTrouble = (error: unknown) =>
    logger.warn('the configuration of a task could not be read yet', { allocation, error });
  return retryCall(() => api.taskConfiguration(token, signal), policy, onTrouble, signal);
}
