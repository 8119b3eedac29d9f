import { timeLimit } from '../../internal/delay.ts';
import { endOf, primaryOf } from '../verdict/container.ts';
import { isUnknownEnd } from '../verdict/ending.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import type { TaskContext } from './task-context.ts';

/** What happened to a Pod before this process watched it. */
export interface PodPast {
  /** Whether no more will be known. */
  readonly isKnown: boolean;
  /** Resolves when no more will be known. */
  readonly known: Promise<void>;
  /** Whether the primary container may have run although the Pod, in its present state, does not show that. */
  mayHaveRun(pod: KnownPod): boolean;
}

/** The past of a Pod that this process has created. */
export const noPast: PodPast = { isKnown: true, known: Promise.resolve(), mayHaveRun: () => false };

/** The age up to which events still exist, ms. API servers keep them for an hour, unless set to less (--event-ttl). */
export const eventsLastMs = 30 * 60_000;

/** A million events can be listed in this time, ms. */
const listLimitMs = 120_000;

/** The past of a Pod that was found, with a task that was taken over. */
export class FoundPast implements PodPast {
  readonly known: Promise<void>;
  #events: 'asked for' | 'listed' | 'unknown' = 'asked for';
  readonly #endWasMissed: boolean;

  /**
   * Asks for the events about the Pod, and adds them to what the watch knows.
   *
   * @param ageMs of the task
   */
  constructor(pod: KnownPod, ageMs: number, context: TaskContext, signal: AbortSignal) {
    const { hasEnded, isEndKnown } = endingOf(pod);
    this.#endWasMissed = !isEndKnown && (hasEnded || ageMs >= eventsLastMs);
    this.known = this.#learn(pod.metadata?.name ?? '', context, signal);
  }

  get isKnown(): boolean {
    return this.#events !== 'asked for';
  }

  /** A kubelet also drops events if there are many (kubernetes/kubernetes#67887). */
  mayHaveRun(pod: KnownPod): boolean {
    return this.#endWasMissed || (this.#events === 'unknown' && !endingOf(pod).isEndKnown);
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
      logger.warn('a task is taken over without the events about its Pod', { pod: podName, error });
    }
  }
}

/**
 * Whether the primary container has an end, and whether the Pod shows how it ended, if it has ended. A kubelet that has
 * restarted may refuse a Pod that it ran, and then the Pod shows no container.
 */
function endingOf(pod: KnownPod): { readonly hasEnded: boolean; readonly isEndKnown: boolean } {
  const primary = primaryOf(pod);
  const ended = primary && endOf(primary);
  if (ended !== undefined) return { hasEnded: true, isEndKnown: !isUnknownEnd(ended) };
  const lacksStatus = pod.status?.phase === 'Failed' && primary !== undefined && primary.status === undefined;
  return { hasEnded: false, isEndKnown: !lacksStatus };
}
