import type { ContainerState } from 'kubernetes-types/core/v1.d.ts';
import { delay } from '../../internal/delay.ts';
import { loggingContainerName } from '../names/names.ts';
import { endOf, listContainers, primaryOf } from '../verdict/container.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import type { PodView } from '../verdict/pod-view.ts';
import { awaitPod } from '../watch/await-pod.ts';
import type { PodWatch } from '../watch/pod-watch.ts';

/** More than the logging container needs with a slow runner API, ms. */
const limitMs = 15_000;

/**
 * Waits for the last output of a task's services, because their logs go with the Pod. The logging container ends by
 * itself when the primary container has ended and everything that the services wrote until then is sent.
 *
 * @throws the signal's reason
 */
export async function drainLogs(watch: PodWatch, view: PodView, signal: AbortSignal): Promise<void> {
  const { gone, pod } = view;
  if (gone || pod === undefined || pod.metadata?.deletionTimestamp !== undefined) return;
  const primary = primaryOf(pod);
  const ended = primary && endOf(primary);
  if (ended === undefined || loggingState(pod)?.running === undefined) return;
  const isDrained = (seen: PodView) =>
    seen.gone || seen.pod === undefined || loggingState(seen.pod)?.running === undefined;
  await awaitPod(watch, pod, isDrained, (over) => delay(limitMs, over), signal);
}

function loggingState(pod: KnownPod): ContainerState | undefined {
  return listContainers(pod).find(({ name }) => name === loggingContainerName)?.status?.state;
}
