import { retryCall } from '../../clients/runner/retry-call.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import type { TaskContext } from './task-context.ts';

/**
 * Asks for the configuration of a task, for as long as its Pod may take to be created.
 *
 * @throws RunnerApiError, or the signal's reason
 */
export function askForConfiguration(
  { allocation, token }: ClaimedTask,
  { api, callPolicy, createLimitMs, logger }: TaskContext,
  signal: AbortSignal,
): Promise<unknown> {
  const policy = { ...callPolicy, limitMs: createLimitMs };
  const onTrouble = (error: unknown) =>
    logger.warn('the configuration of a task could not be read yet', { allocation, error });
  return retryCall(() => api.taskConfiguration(token, signal), policy, onTrouble, signal);
}
