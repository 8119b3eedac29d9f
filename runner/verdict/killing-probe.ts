import type { ObservedContainer } from './container.ts';
import type { KnownEvent, KnownPod } from './known-pod.ts';
import { isAbout } from './symptoms.ts';

/** Where a probe does not say how often it may fail in a row (Kubernetes API, Probe). */
const defaultFailureThreshold = 3;

/**
 * What the kubelet said of the liveness probe for which it killed a container: one that fails once in a while is no
 * reason. A Pod whose last container that has to run is lost is stopped as a whole, and the kubelet no longer says why:
 * unless somebody has deleted the Pod, it was the probe that had failed as often as it may.
 *
 * @param events those about the Pod, oldest first
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
