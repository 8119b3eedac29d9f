import type { KnownPod } from '../verdict/known-pod.ts';
import { wordsOf } from '../verdict/words.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskEnding } from './task-ending.ts';
import { belongsTo } from './task-record.ts';

/**
 * Brings a task to its end, even if this program has a defect: then the task fails with the error.
 *
 * @param live does the work
 * @throws the signal's reason: the task continues without us
 */
export async function bringToEnd(
  ending: TaskEnding,
  context: TaskContext,
  live: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await live();
  } catch (error) {
    signal.throwIfAborted();
    context.logger.error('a task failed because of a defect of this program', {
      allocation: ending.allocation,
      error,
    });
    if (ending.isOver) return;
    const message = `The container runner cannot go on with the task because of a defect of its own: ${wordsOf(error)}. Look at its log.`;
    await ending.fail({ reason: 'defect', retry: 'never', message }, signal);
    const pod = await findPod(ending, context, signal);
    await ending.cleanUp({ pod, hasRegistrySecret: true }, signal);
  } finally {
    ending.stopWatching();
  }
}

/** Finds a task's Pod when it is unknown whether there is one. */
export async function findPod(
  { record }: TaskEnding,
  { client }: TaskContext,
  signal: AbortSignal,
): Promise<KnownPod | undefined> {
  if (record === undefined) return undefined;
  const pod = await client.pods.get(record.podName, signal).catch(() => undefined);
  signal.throwIfAborted();
  return pod !== undefined && belongsTo(pod, record) ? pod : undefined;
}
