import type { Pod } from 'kubernetes-types/core/v1.d.ts';

/** That of Kubernetes for Pods that say nothing, s. */
const defaultGraceSeconds = 30;

/** Beyond a Pod's grace period, ms: a kubelet that lives has ended it by then. */
export const terminationSlackMs = 60_000;

/** How long a Pod's containers may take to end by themselves, s. */
export function graceSecondsOf({ spec }: Pod): number {
  return spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds;
}
