import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { terminationSlackMs } from '../verdict/pod-grace-period.ts';

/**
 * Finds out which instances are gone. An instance is a Pod of the controller, and has the Pod's name.
 *
 * @param us this instance
 * @returns undefined if its own Pod does not run in this namespace: then no instance's does, and nobody can tell
 * @throws KubernetesError, NoAnswerError
 */
export async function findGoneInstances(
  client: KubernetesClient,
  us: string,
  others: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const gone = new Set<string>();
  if (others.size === 0) return gone;
  if (!(await runs(client, us, signal))) return undefined;
  for (const instance of others) {
    if (!(await runs(client, instance, signal))) gone.add(instance);
  }
  return gone;
}

/**
 * An evicted Pod stays for a while, and never starts again. A Pod on a lost node also stays, even if it is being
 * deleted: it counts as gone when a live kubelet would have ended it.
 */
async function runs(client: KubernetesClient, pod: string, signal: AbortSignal): Promise<boolean> {
  const found = await client.pods.find(pod, signal);
  if (found === undefined) return false;
  const { metadata, status } = found;
  // The deletion timestamp is the end of the grace period.
  const endMs = Date.parse(metadata?.deletionTimestamp ?? '') + terminationSlackMs;
  return status?.phase !== 'Failed' && status?.phase !== 'Succeeded' && !(client.nowMs() >= endMs);
}
