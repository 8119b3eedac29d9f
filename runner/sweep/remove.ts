import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { runsPrimary } from '../verdict/container.ts';
import type { Deletion } from './plan-sweep.ts';
import { readPod } from './read-pod.ts';
import type { SweepContext } from './sweep-context.ts';

/**
 * Deletes what is left of a task.
 *
 * @throws KubernetesError, NoAnswerError, MalformedPodError, or the signal's reason
 */
export async function remove(step: Deletion, context: SweepContext, signal: AbortSignal): Promise<void> {
  const { graceSeconds, name, uid, unlessRuns = false, what } = step;
  const { client, logger, onDeleted } = context;
  if (unlessRuns && !(await isStopped(step, context, signal))) return;
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

/** Whether a Pod is still there, its primary container does not run, and nobody has deleted it meanwhile. */
async function isStopped(
  { name, uid }: Deletion,
  context: SweepContext,
  signal: AbortSignal,
): Promise<boolean> {
  const pod = await readPod(name, context, signal);
  if (pod?.metadata === undefined || pod.metadata.uid !== uid) return false;
  return pod.metadata.deletionTimestamp === undefined && !runsPrimary(pod);
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
