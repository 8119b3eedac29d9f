import { longestTimerMs } from '../../internal/delay.ts';
import { hasStarted, primaryOf } from '../verdict/container.ts';
import { isOverdue, nextDeadline, type PatienceMs } from '../verdict/judge-sightings.ts';
import { judgeTask, type ObservedPod } from '../verdict/judge-task.ts';
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
 * Watches a Pod until its task is over. If something has not happened in time, the API server has to confirm that
 * before the Pod is given up. The Pod may already run unseen: while the server is away, soon after that, or while the
 * watch lags behind. A failure is final only when the Pod's past is settled, because that decides whether the task may
 * be handed back.
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
): Promise<FinalView> {
  signal.throwIfAborted();
  using judge = new Judge({ watch, first, patience, listener, past }, signal);
  return await judge.verdict;
}

/** The view of a Pod whose task is over, and the verdict on it. */
interface FinalView {
  readonly verdict: FinalVerdict;
  readonly view: PodView;
}

/** A Pod to judge, and all that the judge needs for it. */
interface Case {
  readonly watch: PodWatch;
  readonly first: KnownPod;
  readonly patience: PatienceMs;
  readonly listener: VerdictListener;
  readonly past: PodPast;
}

/** Judges a Pod on each change, and when a symptom has lasted too long, until it is disposed of. */
class Judge implements Disposable {
  readonly #case: Case;
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();
  /** Aborts when the verdict is there, or nobody waits for it any more. */
  readonly #ended: AbortSignal;
  readonly #verdict = Promise.withResolvers<FinalView>();
  #hasRun = false;
  #latest: PodView | undefined;
  #waitsSinceMs: number | undefined;
  #sightings: Sighting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  constructor(it: Case, signal: AbortSignal) {
    this.#case = it;
    this.#signal = signal;
    this.#ended = AbortSignal.any([signal, this.#over.signal]);
    signal.addEventListener('abort', this.#giveUp, { once: true });
    const { first, past, watch } = it;
    watch.view(first.metadata?.name ?? '', first, (view) => this.#look(view), this.#ended);
    if (!past.isSettled) void past.settled.then(() => this.#lookAgain());
  }

  get verdict(): Promise<FinalView> {
    return this.#verdict.promise;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#giveUp);
    this.#over.abort();
  }

  readonly #giveUp = () => this.#verdict.reject(this.#signal.reason);

  #look(view: PodView, isLive = false): void {
    try {
      this.#judge(view, isLive);
    } catch (error) {
      // Timers call this, too, and nobody would catch what it throws there.
      this.#verdict.reject(error);
    }
  }

  #lookAgain(): void {
    if (!this.#ended.aborted && this.#latest !== undefined) this.#look(this.#latest);
  }

  /** @param isLive whether the view is confirmed by the API server itself */
  #judge(view: PodView, isLive: boolean): void {
    clearTimeout(this.#timer);
    const { listener, past, patience } = this.#case;
    const nowMs = performance.now();
    const observed = this.#observe(view, nowMs);
    const verdict = judgeTask(observed, patience, nowMs);
    this.#latest = view;
    const isHeld = verdict.kind === 'failed' && !past.isSettled;
    if (isOverdue(verdict) && !isLive) {
      if (!isHeld) void this.#ask(view);
      return;
    }
    listener(view, verdict);
    if (isHeld) return;
    if (verdict.kind === 'done' || verdict.kind === 'failed') this.#verdict.resolve({ verdict, view });
    const dueMs = nextDeadline(observed, patience);
    if (dueMs === undefined) return;
    const waitMs = Math.min(Math.max(dueMs - nowMs, 0) + 1, longestTimerMs);
    this.#timer = setTimeout(() => this.#look(view), waitMs);
  }

  #observe(view: PodView, nowMs: number): ObservedPod {
    const { first, past, patience } = this.#case;
    this.#waitsSinceMs ??= nowMs - waitedBefore(past.podAgeMs, patience.scheduling);
    const symptoms = view.pod === undefined ? [] : findSymptoms(view.pod, view.events);
    this.#sightings = sight(this.#sightings, symptoms, nowMs, this.#waitsSinceMs);
    const primary = view.pod && primaryOf(view.pod);
    this.#hasRun ||= primary !== undefined && hasStarted(primary, view.events);
    const ran = this.#hasRun || past.mayHaveRun(view.pod ?? first);
    return { ...view, sightings: this.#sightings, ran };
  }

  async #ask(view: PodView): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const pod = await this.#case.watch.confirmUpToDate(this.#case.first, this.#ended);
    this.#isAsking = false;
    // If it is gone by now, the watch is about to show how it ended.
    if (!this.#ended.aborted && pod !== undefined) this.#look({ ...view, pod }, true);
  }
}
