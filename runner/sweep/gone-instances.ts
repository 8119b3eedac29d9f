import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';

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

/** A Pod that was evicted stays for a while, and never starts again. */
async function runs(client: KubernetesClient, pod: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await client.pods.get(pod, signal);
    return status?.phase !== 'Failed' && status?.phase !== 'Succeeded';
  } catch (error) {
    if (isStatus(error, 404)) return false;
    throw error;
  }
}
