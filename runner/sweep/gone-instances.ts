import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { terminationSlackMs } from '../verdict/grace-period.ts';

/**
 * Finds out which instances are gone: an instance is a Pod of the controller, and has its name.
 *
 * @param us the instance that asks. Where its own Pod is not in this namespace, nobody's is, and nobody counts as gone
 * @throws KubernetesError, NoAnswerError
 */
export async function findGoneInstances(
  client: KubernetesClient,
  us: string,
  others: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const gone = new Set<string>();
  if (others.size === 0 || !(await runs(client, us, signal))) return gone;
  for (const instance of others) {
    if (!(await runs(client, instance, signal))) gone.add(instance);
  }
  return gone;
}

/**
 * A Pod that was evicted stays for a while, and never starts again. One whose node is lost stays, too, though it was to
 * be deleted: it counts as gone when a kubelet that lives would have ended it.
 */
async function runs(client: KubernetesClient, pod: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { metadata, status } = await client.pods.get(pod, signal);
    // The time of its deletion is when its grace period is over.
    const endMs = Date.parse(metadata?.deletionTimestamp ?? '') + terminationSlackMs;
    return status?.phase !== 'Failed' && status?.phase !== 'Succeeded' && !(client.nowMs() >= endMs);
  } catch (error) {
    if (isStatus(error, 404)) return false;
    throw error;
  }
}
