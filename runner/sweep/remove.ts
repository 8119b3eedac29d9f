import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import type { Deletion } from './plan-sweep.ts';
import type { Sweeper } from './sweeper.ts';

/** Deletes what is left of a task. @throws KubernetesError, NoAnswerError, or the signal's reason */
export async function remove(
  { graceSeconds, name, uid, what }: Deletion,
  { client, logger, onDeleted }: Sweeper,
  signal: AbortSignal,
): Promise<void> {
  const objects = what === 'pod' ? client.pods : client.secrets;
  const deletion = objects.delete(name, { uid, gracePeriodSeconds: graceSeconds }, signal);
  const answer = await unlessGone(deletion.then((deleted) => ({ deleted })));
  if (answer === undefined) return;
  const finalizers = answer.deleted?.metadata?.finalizers ?? [];
  if (graceSeconds === 0 && finalizers.length > 0) {
    // It was already deleted, and each sweep finds it again.
    logger.warn('what was left of a task stays until its finalizers are removed', {
      kind: what,
      name,
      finalizers,
    });
    return;
  }
  onDeleted(what);
  logger.info('what was left of a task was deleted', { kind: what, name });
}

/** The answer, or undefined if the object is gone: 404, or 409 if another one has its name. */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isStatus(error, 404, 409)) return undefined;
    throw error;
  }
}
