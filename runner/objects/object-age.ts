import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { KubernetesObject } from '../../clients/kubernetes/read-answer.ts';

/** How long an object has existed by the API server's clock, ms. 0 if it does not say when it was created. */
export function ageMsOf({ metadata }: KubernetesObject, client: Pick<KubernetesClient, 'nowMs'>): number {
  const createdMs = Date.parse(metadata?.creationTimestamp ?? '');
  return Number.isNaN(createdMs) ? 0 : client.nowMs() - createdMs;
}
