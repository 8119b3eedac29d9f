import { wordsOf } from '../objects/words-of.ts';
import { findPod } from './find-pod.ts';
import type { TaskLife } from './task-life.ts';

/**
 * Brings a task to its end, even if this program has a defect: then the task fails with the error.
 *
 * @param work all that is to be done for the task
 * @throws the signal's reason: the task continues without us
 */
export async function bringToEnd(
  life: TaskLife,
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    life.context.logger.error('a task failed because of a defect of this program', { error });
    if (life.isOver) return;
    const message = `The container runner cannot go on with the task because of a defect of its own: ${wordsOf(error)}. Look at its log.`;
    await life.fail({ reason: 'defect', retry: 'never', message }, signal);
    const pod = await findPod(life, signal);
    await life.cleanUp({ pod, hasRegistrySecret: true }, signal);
  } finally {
    life.stopWatching();
  }
}
