import { wordsOf } from '../objects/words-of.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import type { Retry } from '../verdict/verdict.ts';
import { isReported } from './orchestrator-report.ts';
import { settleRetry } from './settle-retry.ts';
import { stopPod } from './stop-pod.ts';
import type { TaskContext } from './task-context.ts';

/** The Pod of a task had to be stopped soon after its creation. The message says why in a whole sentence. */
export class PodStoppedError extends Error {
  override readonly name = 'PodStoppedError';
  /** Whether the task may be handed back. */
  readonly retry: Retry;

  constructor(message: string, retry: Retry) {
    super(message);
    this.retry = retry;
  }
}

/**
 * Stops a Pod if another task has the same SSH port: two replicas may have given it away at the same moment.
 *
 * @param findPort finds the number of the shared port. Undefined: nobody else has it
 * @returns the Pod. If its orchestrator has reported the task meanwhile, or the API server refuses to delete it, in its
 *   last state
 * @throws PodStoppedError, or the signal's reason
 */
export async function resolveClash(
  findPort: () => Promise<number | undefined>,
  pod: KnownPod,
  context: TaskContext,
  signal: AbortSignal,
): Promise<KnownPod> {
  let port: number | undefined;
  try {
    port = await findPort();
  } catch (error) {
    signal.throwIfAborted();
    context.logger.warn('it is not known whether another task has the same SSH port', {
      error: wordsOf(error),
    });
  }
  if (port === undefined) return pod;
  const clash = `Another task was given the SSH port ${port} at the same moment.`;
  const stopped = await stopPod(pod, context, signal);
  const { isRefused, last } = stopped;
  if (last.pod !== undefined && (isRefused || isReported(last))) return last.pod;
  const { message, retry } = await settleRetry({ retry: 'always', message: clash }, stopped, context, signal);
  throw new PodStoppedError(message, retry);
}
