import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isPassing, isStatus, mostRefusals } from '../../clients/kubernetes/kubernetes-error.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import { type KnownEvent, knownEvent } from '../verdict/known-pod.ts';

const backoff: Backoff = { first: 500, longest: 30_000 };

/**
 * The events about the Pod with this name, also about one that is gone: API servers keep them for an hour by default.
 * Asks until the API server answers.
 *
 * @throws KubernetesError if another try is of no use, or the signal's reason
 */
export async function listPodEvents(
  client: KubernetesClient,
  podName: string,
  signal: AbortSignal,
): Promise<KnownEvent[]> {
  const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${podName}`;
  let refusals = 0;
  for (let failures = 1; ; failures++) {
    try {
      const events = await client.events.list({ fieldSelector }, signal, knownEvent);
      return events.filter(({ involvedObject: { name } }) => name === podName);
    } catch (error) {
      signal.throwIfAborted();
      // 410: reading the pages took too long.
      if (!isPassing(error) && !isStatus(error, 410) && ++refusals >= mostRefusals) throw error;
      await pauseAfter(failures, backoff, error, signal);
    }
  }
}
