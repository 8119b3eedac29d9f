import * as z from 'zod/mini';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { findProblem } from '../schema/describe-issue.ts';
import { runsPrimary } from '../verdict/container.ts';
import type { Deletion } from './plan-sweep.ts';
import type { Sweeper } from './sweeper.ts';

const containers = z.optional(z.array(z.object({ name: z.string() })));
const state = z.object({ running: z.optional(z.object({})) });
const statuses = z.optional(z.array(z.object({ name: z.string(), state: z.optional(state) })));
const podShape = z.object({
  spec: z.optional(z.object({ initContainers: containers, containers })),
  status: z.optional(z.object({ initContainerStatuses: statuses, containerStatuses: statuses })),
});

/**
 * Deletes what is left of a task.
 *
 * @throws KubernetesError, NoAnswerError, the signal's reason, or Error if a Pod that may run is malformed
 */
export async function remove(
  { graceSeconds, name, uid, unlessRuns = false, what }: Deletion,
  { client, logger, onDeleted }: Sweeper,
  signal: AbortSignal,
): Promise<void> {
  if (unlessRuns && (await runs(name, client, signal))) return;
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

async function runs(name: string, client: KubernetesClient, signal: AbortSignal): Promise<boolean> {
  const pod = await client.pods.find(name, signal);
  if (pod === undefined) return false;
  const problem = findProblem(podShape, pod);
  if (problem !== undefined) throw new Error(`the Pod ${name} is malformed: ${problem}`);
  return runsPrimary(pod);
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
