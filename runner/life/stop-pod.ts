import { delay } from '../../internal/delay.ts';
import { endOf, hasStarted, primaryOf } from '../verdict/container.ts';
import { graceSecondsOf, terminationSlackMs } from '../verdict/grace-period.ts';
import type { Retry } from '../verdict/judge-task.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import { awaitPod } from './await-pod.ts';
import { deletePod } from './clean-up.ts';
import type { PodView } from './pod-watch.ts';
import type { World } from './world.ts';

/** What `docker stop` grants a container, s. */
const leftoverGraceSeconds = 10;

/**
 * How long what is left in a Pod may take to end when its task is over, s: services that do not heed SIGTERM would keep
 * the Pod for all the time that is meant for the orchestrator.
 */
export function leftoverGraceSecondsOf(pod: KnownPod): number {
  return Math.min(graceSecondsOf(pod), leftoverGraceSeconds);
}

/** Whether a Pod's orchestrator may still act for its task. */
export function isRunning({ gone, pod }: Pick<PodView, 'gone' | 'pod'>): boolean {
  return !gone && pod !== undefined && primaryOf(pod)?.status?.state?.running !== undefined;
}

/** Whether a Pod's orchestrator runs, or may still be started. */
export function mayRun({ gone, pod }: Pick<PodView, 'gone' | 'pod'>): boolean {
  if (gone || pod === undefined) return false;
  const primary = primaryOf(pod);
  return pod.status?.phase !== 'Failed' && (primary === undefined || endOf(primary) === undefined);
}

/**
 * What is known of a Pod's end may be that steps of the job have run after all. A container that was never made ends
 * as one that the kubelet has lost sight of when its Pod is deleted, so only a start counts.
 */
export function retryAfter({ isRefused, last: { pod } }: StoppedPod, retry: Retry): Retry {
  if (isRefused) return 'never';
  const primary = pod && primaryOf(pod);
  return retry === 'always' && primary !== undefined && hasStarted(primary) ? 'if-unsafe' : retry;
}

/** What became of a Pod that was to stop. */
export interface StoppedPod {
  /** The Pod at its end, or as it was seen last if it does not end in time. */
  readonly last: PodView;
  /** The API server refuses to delete it, so it may run now, or later. */
  readonly isRefused: boolean;
}

/**
 * Deletes a Pod whose orchestrator runs, or may still be started, and waits for its end: as long as that is there, the
 * task is its to report, and a task that is handed back must not be running here any more. The time that it has begins
 * when the API server has taken the deletion.
 *
 * @throws the signal's reason
 */
export async function stopPod(pod: KnownPod, world: World, signal: AbortSignal): Promise<StoppedPod> {
  const { client, logger, watch } = world;
  const graceMs = graceSecondsOf(pod) * 1000;
  let isRefused = false;
  // Within the watch: the Pod's end may be seen sooner than its deletion is answered.
  const remove = async (over: AbortSignal) => {
    isRefused = !(await deletePod(client, pod, undefined, logger, over)) && !over.aborted;
    if (!isRefused) await delay(graceMs + terminationSlackMs, over);
  };
  const last = await awaitPod(watch, pod, (view) => !mayRun(view), remove, signal);
  return { last, isRefused };
}

/** Whether the orchestrator has ended by itself, having told the runner API what there was to tell. */
export function hasReported({ pod }: PodView): boolean {
  const primary = pod && primaryOf(pod);
  return primary !== undefined && endOf(primary)?.exitCode === 0;
}
