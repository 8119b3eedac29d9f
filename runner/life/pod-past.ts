import { timeLimit } from '../../internal/delay.ts';
import { ageMsOf } from '../objects/object-age.ts';
import { endOf, primaryOf } from '../verdict/container.ts';
import { isUnknownEnd } from '../verdict/container-end.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import type { TaskContext } from './task-context.ts';

/** What happened to a Pod before this process watched it. */
export interface PodPast {
  /** The age of the Pod, ms. */
  readonly podAgeMs: number;
  /** Whether no more will be found out. */
  readonly isSettled: boolean;
  /** Resolves when no more will be found out. */
  readonly settled: Promise<void>;
  /** Whether the primary container may have run although the Pod, in its present state, does not show that. */
  mayHaveRun(pod: KnownPod): boolean;
}

/** The past of a Pod that this process has created. */
export const noPast: PodPast = {
  podAgeMs: 0,
  isSettled: true,
  settled: Promise.resolve(),
  mayHaveRun: () => false,
};

/** The age up to which events still exist, ms. API servers keep them for an hour, unless set to less (--event-ttl). */
export const eventsLastMs = 30 * 60_000;

/** A list of many events takes seconds, and a task that asks during one waits for the next, ms. */
const listLimitMs = 120_000;

/** The past of a Pod that was found, with a task that was taken over. */
export class FoundPast implements PodPast {
  readonly podAgeMs: number;
  readonly settled: Promise<void>;
  #events: 'asked for' | 'listed' | 'unknown' = 'asked for';
  readonly #mayHaveRunUnseen: boolean;

  /**
   * Asks for the events about the Pod, and adds them to what the watch knows.
   *
   * @param ageMs of the task. Events about an old one may be gone
   */
  constructor(pod: KnownPod, ageMs: number, context: TaskContext, signal: AbortSignal) {
    const trace = traceOf(pod);
    this.#mayHaveRunUnseen = trace === 'unknown end' || (trace === 'no status' && ageMs >= eventsLastMs);
    this.podAgeMs = Math.max(ageMsOf(pod, context.client), 0);
    this.settled = this.#learn(pod.metadata?.name ?? '', context, signal);
  }

  get isSettled(): boolean {
    return this.#events !== 'asked for';
  }

  mayHaveRun(pod: KnownPod): boolean {
    return this.#mayHaveRunUnseen || (this.#events === 'unknown' && traceOf(pod) !== undefined);
  }

  async #learn(
    podName: string,
    { logger, podEvents, watch }: TaskContext,
    signal: AbortSignal,
  ): Promise<void> {
    using limit = timeLimit(listLimitMs, `no list within ${listLimitMs / 1000} s`);
    try {
      watch.addEvents(podName, await podEvents.list(podName, AbortSignal.any([signal, limit.signal])));
      this.#events = 'listed';
    } catch (error) {
      this.#events = 'unknown';
      if (signal.aborted) return;
      logger.warn('a task is taken over without the events about its Pod', { error });
    }
  }
}

/**
 * What a Pod shows of a primary container that has ended, if it does not say how. A kubelet that has restarted may
 * refuse a Pod that it ran, and then the Pod has no status of the container. An end is made up if nobody knows it, and
 * a kubelet drops events if there are many (kubernetes/kubernetes#67887).
 */
function traceOf(pod: KnownPod): 'unknown end' | 'no status' | undefined {
  const primary = primaryOf(pod);
  if (primary === undefined) return undefined;
  const ended = endOf(primary);
  if (ended !== undefined) return isUnknownEnd(ended) ? 'unknown end' : undefined;
  return pod.status?.phase === 'Failed' && primary.status === undefined ? 'no status' : undefined;
}
