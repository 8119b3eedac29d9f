import { isGone } from '../../clients/runner/runner-api-error.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import { readTaskId } from '../task-configuration/read-task-configuration.ts';
import { askForConfiguration } from './ask-for-configuration.ts';
import type { TaskContext } from './task-context.ts';
import { TaskLife } from './task-life.ts';

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
  const life = new TaskLife(shared, claim);
  try {
    await giveBack(life, claim, signal);
  } finally {
    life.stopWatching();
  }
}

async function giveBack(life: TaskLife, claim: ClaimedTask, signal: AbortSignal): Promise<void> {
  const { context } = life;
  let taskId: string | undefined;
  try {
    taskId = readTaskId(await askForConfiguration(claim, context, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (isGone(error)) return life.finish('gone');
    context.logger.error('the id of a task that came after the drain began is not known', { error });
  }
  if (taskId !== undefined) life.begin({ ...claim, podName: '', taskId, unsafeRetries: false });
  const message =
    'The task was claimed when the container runner was about to end. Find out why it was ended.';
  await life.fail({ reason: 'drain', retry: taskId === undefined ? 'never' : 'always', message }, signal);
}
