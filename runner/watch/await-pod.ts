import type { KnownPod } from '../verdict/known-pod.ts';
import type { PodView } from '../verdict/pod-view.ts';
import type { PodWatch } from './pod-watch.ts';

/**
 * Waits until a Pod meets a condition, within a time limit.
 *
 * @param limit the time is up when it settles. Its signal aborts when nobody waits any more
 * @returns the last view of the Pod
 * @throws the signal's reason
 */
export async function awaitPod(
  watch: PodWatch,
  pod: KnownPod,
  isReached: (view: PodView) => boolean,
  limit: (over: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<PodView> {
  const over = new AbortController();
  const reached = Promise.withResolvers<void>();
  let last: PodView = { pod, gone: false, endMissed: false, events: [] };
  const either = AbortSignal.any([signal, over.signal]);
  const look = (view: PodView) => {
    last = view;
    try {
      if (isReached(view)) reached.resolve();
    } catch (error) {
      reached.reject(error);
    }
  };
  watch.view(pod.metadata?.name ?? '', pod, look, either);
  try {
    await Promise.race([reached.promise, limit(either)]);
  } finally {
    over.abort();
  }
  signal.throwIfAborted();
  return last;
}
