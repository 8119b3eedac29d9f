import type { KnownPod } from '../verdict/known-pod.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskEnding } from './task-ending.ts';
import { belongsTo } from './task-record.ts';

/**
 * Finds a task's Pod when it is unknown whether there is one. If the API server does not answer, the sweep deletes the
 * Pod later.
 *
 * @throws the signal's reason
 */
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
