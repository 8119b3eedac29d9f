import type { KnownPod } from '../verdict/known-pod.ts';
import { wordsOf } from '../verdict/words.ts';
import { NotCreatedError } from './create-object.ts';
import { settleRetry } from './settle-retry.ts';
import { stopPod } from './stop-pod.ts';
import type { TaskContext } from './task-context.ts';

/**
 * Stops a Pod if another task has the same SSH port: two replicas may have given it away at the same moment.
 *
 * @param findPort finds the number of the shared port. Undefined: nobody else has it
 * @throws NotCreatedError if the Pod was stopped, or the signal's reason
 */
export async function resolveClash(
  findPort: () => Promise<number | undefined>,
  pod: KnownPod,
  context: TaskContext,
  signal: AbortSignal,
): Promise<void> {
  let port: number | undefined;
  try {
    port = await findPort();
  } catch (error) {
    signal.throwIfAborted();
    context.logger.warn('it is not known whether another task has the same SSH port', {
      error: wordsOf(error),
    });
  }
  if (port === undefined) return;
  const clash = `Another task was given the SSH port ${port} at the same moment.`;
  const stopped = await stopPod(pod, context, signal);
  const { message, retry } = await settleRetry({ retry: 'always', message: clash }, stopped, context, signal);
  throw new NotCreatedError(message, retry === 'always');
}
