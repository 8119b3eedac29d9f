import type { KnownPod } from '../verdict/known-pod.ts';

/** The number of this replica's Pods that run a task, and of those that are about to. */
export function countPhases(pods: Iterable<KnownPod>): Record<'pending' | 'running', number> {
  const count = { pending: 0, running: 0 };
  for (const { status } of pods) {
    if (status?.phase === 'Running') count.running++;
    else if (status?.phase === undefined || status.phase === 'Pending') count.pending++;
  }
  return count;
}
