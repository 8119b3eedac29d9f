import { longestTimerMs } from '../../internal/delay.ts';
import { hasStarted, primaryOf } from '../verdict/container.ts';
import { isOverdue, nextDeadline, type PatienceMs } from '../verdict/judge-sightings.ts';
import { judgeTask } from '../verdict/judge-task.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import type { PodView } from '../verdict/pod-view.ts';
import { type Sighting, sight, waitedBefore } from '../verdict/sightings.ts';
import { findSymptoms } from '../verdict/symptoms.ts';
import type { TaskVerdict } from '../verdict/verdict.ts';
import type { PodWatch } from '../watch/pod-watch.ts';
import { noPast, type PodPast } from './pod-past.ts';

/** A verdict that ends a task. */
export type FinalVerdict = Extract<TaskVerdict, { kind: 'done' | 'failed' }>;

/** Called with views of a Pod, and the verdict on each. */
export type VerdictListener = (view: PodView, verdict: TaskVerdict) => void;

/**
 * Watches a Pod until its task is over. A Pod is given up for something that has not happened only if the API server
 * confirms that: while the server is away, soon after that, and while the watch lags behind, the Pod may already run.
 * And no failure is final before the Pod's past is settled: whether the task may be handed back depends on it.
 *
 * @param first the Pod as it was created or found
 * @throws the signal's reason
 */
export async function awaitVerdict(
  watch: PodWatch,
  first: KnownPod,
  patience: PatienceMs,
  listener: VerdictListener,
  signal: AbortSignal,
  past: PodPast = noPast,
): Promise<{ verdict: FinalVerdict; view: PodView }> {
  let hasRun = false;
  let latest: PodView | undefined;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<{ verdict: FinalVerdict; view: PodView }>();
  const name = first.metadata?.name ?? '';
  const over = new AbortController();
  let waitsSinceMs: number | undefined;
  let sightings: Sighting[] = [];
  let timer: NodeJS.Timeout | undefined;
  const ended = AbortSignal.any([signal, over.signal]);
  let isAsking = false;
  const look = (view: PodView, isLive = false) => {
    try {
      judge(view, isLive);
    } catch (error) {
      // Timers call this, too, and nobody would catch what it throws there.
      reject(error);
    }
  };
  const judge = (view: PodView, isLive: boolean) => {
    clearTimeout(timer);
    const nowMs = performance.now();
    waitsSinceMs ??= nowMs - waitedBefore(past.podAgeMs, patience.scheduling);
    const symptoms = view.pod === undefined ? [] : findSymptoms(view.pod, view.events);
    sightings = sight(sightings, symptoms, nowMs, waitsSinceMs);
    const primary = view.pod && primaryOf(view.pod);
    hasRun ||= primary !== undefined && hasStarted(primary, view.events);
    const observed = { ...view, sightings, ran: hasRun || past.mayHaveRun(view.pod ?? first) };
    const verdict = judgeTask(observed, patience, nowMs);
    latest = view;
    const isHeld = verdict.kind === 'failed' && !past.isSettled;
    if (isOverdue(verdict) && !isLive) {
      if (!isHeld) void ask(view);
      return;
    }
    listener(view, verdict);
    if (isHeld) return;
    if (verdict.kind === 'done' || verdict.kind === 'failed') resolve({ verdict, view });
    const dueMs = nextDeadline(observed, patience);
    if (dueMs === undefined) return;
    timer = setTimeout(() => look(view), Math.min(Math.max(dueMs - nowMs, 0) + 1, longestTimerMs));
  };
  const ask = async (view: PodView) => {
    if (isAsking) return;
    isAsking = true;
    const pod = await watch.confirmUpToDate(first, ended);
    isAsking = false;
    // If it is gone by now, the watch is about to show how it ended.
    if (!ended.aborted && pod !== undefined) look({ ...view, pod }, true);
  };
  const lookAgain = () => {
    if (!ended.aborted && latest !== undefined) look(latest);
  };
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  watch.view(name, first, look, ended);
  if (!past.isSettled) void past.settled.then(lookAgain);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    over.abort();
  }
}
