import { wordsOf } from '../verdict/words.ts';
import { findPod } from './find-pod.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskEnding } from './task-ending.ts';

/**
 * Brings a task to its end, even if this program has a defect: then the task fails with the error.
 *
 * @param work all that is to be done for the task
 * @throws the signal's reason: the task continues without us
 */
export async function bringToEnd(
  ending: TaskEnding,
  context: TaskContext,
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    context.logger.error('a task failed because of a defect of this program', { error });
    if (ending.isOver) return;
    const message = `The container runner cannot go on with the task because of a defect of its own: ${wordsOf(error)}. Look at its log.`;
    await ending.fail({ reason: 'defect', retry: 'never', message }, signal);
    const pod = await findPod(ending, context, signal);
    await ending.cleanUp({ pod, hasRegistrySecret: true }, signal);
  } finally {
    ending.stopWatching();
  }
}
