import { isGone } from '../../clients/runner/runner-api-error.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import { readTaskId } from '../task-configuration/read-task-configuration.ts';
import { askForConfiguration } from './ask-for-configuration.ts';
import type { TaskContext } from './task-context.ts';
import { TaskEnding } from './task-ending.ts';

/**
 * Ends a task that came while this program was shutting down. It is handed back for another replica, or fails if that
 * is not possible.
 *
 * @throws the signal's reason
 */
export async function giveBackTask(
  claim: ClaimedTask,
  shared: TaskContext,
  signal: AbortSignal,
): Promise<void> {
  const ending = new TaskEnding(shared, claim);
  try {
    await giveBack(ending, claim, signal);
  } finally {
    ending.stopWatching();
  }
}

async function giveBack(ending: TaskEnding, claim: ClaimedTask, signal: AbortSignal): Promise<void> {
  const { context } = ending;
  let taskId: string | undefined;
  try {
    taskId = readTaskId(await askForConfiguration(claim, context, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (isGone(error)) return ending.finish('gone');
    context.logger.error('the id of a task that came after the drain began is not known', { error });
  }
  if (taskId !== undefined) ending.begin({ ...claim, podName: '', taskId, unsafeRetries: false });
  const message =
    'The task was claimed when the container runner was about to end. Find out why it was ended.';
  await ending.fail({ reason: 'drain', retry: taskId === undefined ? 'never' : 'always', message }, signal);
}
