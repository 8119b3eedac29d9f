import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { type KnownEvent, knownEvent } from '../verdict/known-pod.ts';
import { askUntilAnswered } from './ask-until-answered.ts';

/**
 * The events about the Pod with this name, also about one that is gone: API servers keep them for an hour by default.
 *
 * @throws as {@link askUntilAnswered}
 */
export async function listPodEvents(
  client: KubernetesClient,
  podName: string,
  signal: AbortSignal,
): Promise<KnownEvent[]> {
  const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${podName}`;
  const list = () => client.events.list({ fieldSelector }, signal, knownEvent);
  const events = await askUntilAnswered(list, signal);
  return events.filter(({ involvedObject: { name } }) => name === podName);
}
