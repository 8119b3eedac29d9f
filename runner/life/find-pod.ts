import { askUntilAnswered } from '../objects/ask-until-answered.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import type { TaskLife } from './task-life.ts';
import { belongsTo } from './task-record.ts';

/**
 * Finds a task's Pod when it is unknown whether there is one, however long the API server takes to say. Nobody else would
 * end one that runs. If the API server refuses to say it, the sweep deletes a Pod that does not run.
 *
 * @throws the signal's reason
 */
export async function findPod(
  { context, record }: TaskLife,
  signal: AbortSignal,
): Promise<KnownPod | undefined> {
  if (record === undefined) return undefined;
  const ask = () => context.client.pods.find(record.podName, signal);
  const pod = await askUntilAnswered(ask, signal).catch(() => undefined);
  signal.throwIfAborted();
  return pod !== undefined && belongsTo(pod, record) ? pod : undefined;
}
