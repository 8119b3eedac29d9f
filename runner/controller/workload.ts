import type { KnownPod } from '../verdict/known-pod.ts';

/** The Pods of this replica by what they are about: running a task, or on the way to it. */
export function countPhases(pods: Iterable<KnownPod>): Record<'pending' | 'running', number> {
  const count = { pending: 0, running: 0 };
  for (const { status } of pods) {
    if (status?.phase === 'Running') count.running++;
    else if (status?.phase === undefined || status.phase === 'Pending') count.pending++;
  }
  return count;
}
