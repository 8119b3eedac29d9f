import type { NotCreatedError } from './create-object.ts';
import type { TaskEnding } from './task-ending.ts';

/** Ends a task that got no Pod, or whose Pod was deleted before it started. @throws the signal's reason */
export async function endWithoutPod(
  { message, passing }: NotCreatedError,
  ending: TaskEnding,
  hasRegistrySecret: boolean,
  signal: AbortSignal,
): Promise<void> {
  const retry = passing ? 'always' : 'never';
  const words = `The Pod of the task was not created. ${message}`;
  await ending.fail({ reason: 'not-created', retry, message: words }, signal);
  await ending.cleanUp({ pod: undefined, hasRegistrySecret }, signal);
}
