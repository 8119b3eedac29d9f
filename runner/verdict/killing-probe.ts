import { isAbout, type ObservedContainer } from './container.ts';
import type { KnownEvent, KnownPod } from './known-pod.ts';

/** The default of how often a probe may fail in a row (Kubernetes API, Probe). */
const defaultFailureThreshold = 3;

/**
 * The kubelet's words about the liveness probe for which it killed a container. A single failure of a probe is not
 * enough. If the kubelet stops the whole Pod with its last required container, it gives no reason. Then, unless
 * somebody has deleted the Pod, the probe is the reason if it has failed as often as it may.
 *
 * @param events about the Pod, oldest first
 */
export function findKillingProbe(
  pod: KnownPod,
  { name }: ObservedContainer,
  events: readonly KnownEvent[],
): string | undefined {
  const about = events.filter((event) => isAbout(event, name));
  const killing = about.findLast(({ reason }) => reason === 'Killing')?.message;
  if (killing === undefined) return undefined;
  const failures = about.filter(
    ({ message = '', reason }) => reason === 'Unhealthy' && /^liveness probe/i.test(message),
  );
  const words = failures.at(-1)?.message ?? killing;
  if (/failed liveness probe/i.test(killing)) return words;
  const isDeleted = pod.metadata?.deletionTimestamp !== undefined;
  const count = failures.reduce((sum, { count = 1 }) => sum + count, 0);
  return !isDeleted && count >= thresholdOf(pod, name) ? words : undefined;
}

function thresholdOf({ spec }: KnownPod, container: string): number {
  const probe = spec?.containers.find(({ name }) => name === container)?.livenessProbe;
  return probe?.failureThreshold ?? defaultFailureThreshold;
}
