import type { KnownPod } from './known-pod.ts';

/** Kubernetes' default for Pods without a grace period, s. */
const defaultGraceSeconds = 30;

/** The time after a Pod's grace period by which a live kubelet has ended it, ms. */
export const terminationSlackMs = 60_000;

/** How long a Pod's containers may take to end by themselves, s. */
export function graceSecondsOf({ spec }: KnownPod): number {
  return spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds;
}
