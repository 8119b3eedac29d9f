import { delay } from '../../internal/delay.ts';
import { deletePod } from '../objects/delete-objects.ts';
import { endOf, primaryOf, runsPrimary } from '../verdict/container.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import { graceSecondsOf, terminationSlackMs } from '../verdict/pod-grace-period.ts';
import type { PodView } from '../verdict/pod-view.ts';
import { awaitPod } from '../watch/await-pod.ts';
import type { TaskContext } from './task-context.ts';

/** The time that `docker stop` gives a container, s. */
const leftoverGraceSeconds = 10;

/**
 * How long the other containers of a Pod may take to end when its task is over, s. Services that ignore SIGTERM would
 * otherwise keep the Pod for all the time that is meant for the orchestrator.
 */
export function leftoverGraceSecondsOf(pod: KnownPod): number {
  return Math.min(graceSecondsOf(pod), leftoverGraceSeconds);
}

/**
 * Whether a Pod's orchestrator runs, or may still be started. It may also run in a Pod that has failed, until its grace
 * period is over (kubernetes/kubernetes#98718), and once more after its end (#83705).
 */
export function mayRun({ gone, pod }: Pick<PodView, 'gone' | 'pod'>): boolean {
  if (gone || pod === undefined) return false;
  if (runsPrimary(pod)) return true;
  const primary = primaryOf(pod);
  return pod.status?.phase !== 'Failed' && (primary === undefined || endOf(primary) === undefined);
}

/** The result of stopping a Pod. */
export interface StoppedPod {
  /** The Pod at its end, or the last view of it if it did not end in time. */
  readonly last: PodView;
  /** The API server refused to delete the Pod, so it may run now or later. */
  readonly isRefused: boolean;
  /** No node had the Pod when it was deleted, so nothing of it has ever run. */
  readonly hadNoNode: boolean;
}

/**
 * Deletes a Pod whose orchestrator runs or may still start, and waits for its end. Until then the orchestrator may
 * report the task, and a task that is handed back must no longer run here. The time limit starts when the API server
 * has accepted the deletion.
 *
 * @throws the signal's reason
 */
export async function stopPod(pod: KnownPod, context: TaskContext, signal: AbortSignal): Promise<StoppedPod> {
  const { client, logger, watch } = context;
  const graceMs = graceSecondsOf(pod) * 1000;
  let isRefused = false;
  let hadNoNode = false;
  // This runs within the watch: the Pod's end may be seen before the deletion is answered.
  const remove = async (over: AbortSignal) => {
    const { deleted, isDone } = await deletePod(client, pod, undefined, logger, over);
    isRefused = !isDone && !over.aborted;
    // The API server removes such a Pod at once, whether anybody watches or not.
    hadNoNode = deleted?.spec !== undefined && !deleted.spec.nodeName;
    if (!isRefused) await delay(graceMs + terminationSlackMs, over);
  };
  const last = await awaitPod(watch, pod, (view) => !mayRun(view), remove, signal);
  return { last, isRefused, hadNoNode };
}
