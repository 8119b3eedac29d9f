import type { KnownPod } from './known-pod.ts';

/** That of Kubernetes for Pods that say nothing, s. */
const defaultGraceSeconds = 30;

/** Beyond a Pod's grace period, ms: a kubelet that lives has ended it by then. */
export const terminationSlackMs = 60_000;

/** How long a Pod's containers may take to end by themselves, s. */
export function graceSecondsOf({ spec }: KnownPod): number {
  return spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds;
}
