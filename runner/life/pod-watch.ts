import type { Event, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { Change, Informer } from '../../clients/kubernetes/informer.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { pauseAfter } from '../../internal/back-off.ts';
import { delay } from '../../internal/delay.ts';
import { type KnownEvent, type KnownPod, knownPod } from '../verdict/known-pod.ts';
import type { PodView } from '../verdict/pod-view.ts';

/** Knows Pods, with only the fields that this program reads. */
export type PodInformer = Informer<KnownPod, Pod>;
/** Reports events, with only the fields that this program reads. */
export type EventInformer = Informer<KnownEvent, Event>;

/** What the watch has shown of a Pod so far. */
export interface Trace extends Disposable {
  readonly pod: KnownPod | undefined;
}

/** A change of a Pod: the Pod itself, its events, or a list without it. */
type News = Change<KnownPod> | 'events' | 'missing';

const confirmBackoff = { first: 500, longest: 10_000 } as const;
/**
 * How often the API server is asked for a Pod that the watch does not show, ms. It may have been deleted before the
 * watch began, or it has lost the labels by which it is watched.
 */
const unseenLimitMs = 10_000;

/**
 * How long events of a Pod without a viewer are kept, ms. A viewer that takes a task over comes later. This is longer
 * than the default time between two sweeps.
 */
const unviewedMs = 5 * 60_000;

/** The events of one Pod. */
interface KeptEvents {
  readonly pod: string;
  readonly events: readonly KnownEvent[];
  /** When they were last used, on the monotonic clock, ms. */
  readonly atMs: number;
}

/** Shows the Pods of this program, and the events about them, each to its viewers. */
export class PodWatch {
  readonly #client: KubernetesClient;
  readonly #pods = new Set<PodInformer>();
  readonly #unseenMs: number;
  /** The most recently used are at the end. */
  readonly #eventsByUid = new Map<string, KeptEvents>();
  readonly #viewers = new Map<string, Set<(news: News) => void>>();

  constructor(client: KubernetesClient, pods: PodInformer, events: EventInformer, unseenMs = unseenLimitMs) {
    this.#client = client;
    this.#unseenMs = unseenMs;
    this.addPods(pods);
    events.listen((change) => this.#keepEvent(change));
  }

  /** Also shows the Pods of another instance, whose tasks are ours now. @returns a function that ends this */
  addPods(pods: PodInformer): () => void {
    this.#pods.add(pods);
    pods.listen((change) => this.#notify(change.object.metadata?.name ?? '', change));
    pods.listenToLists(() => this.#notifyOfMissing());
    return () => this.#pods.delete(pods);
  }

  /**
   * Calls `look` with the view of a Pod, now and on every change, until the signal aborts.
   *
   * @param first the Pod as it was created: the watch may show it later
   */
  view(name: string, first: KnownPod | undefined, look: (view: PodView) => void, signal: AbortSignal): void {
    let pod = this.#find(name) ?? first;
    let gone = false;
    let sawEnd = false;
    const show = () =>
      look({ pod, gone, endMissed: gone && !sawEnd, events: this.#eventsOf(pod?.metadata?.uid) });
    // Before a task is given up, the API server itself is asked.
    const ask = async () => {
      const found = await this.confirm(name, signal);
      if (signal.aborted) return;
      gone = found === undefined;
      sawEnd &&= gone;
      pod = found ?? pod;
      show();
    };
    const onNews = (news: News) => {
      if (news === 'missing') return void ask();
      if (news !== 'events') {
        pod = news.object;
        sawEnd = news.type === 'deleted' && news.seen;
        // A Pod that has lost its labels, or that is deleted at once, vanishes from the watch in the same way.
        if (news.type === 'deleted' && pod.metadata?.deletionTimestamp === undefined) return void ask();
        gone = news.type === 'deleted';
      }
      show();
    };
    const leave = this.#join(name, onNews);
    signal.addEventListener('abort', () => {
      leave();
      if (!this.#viewers.has(name)) this.#eventsByUid.delete(pod?.metadata?.uid ?? '');
    });
    show();
    const askWhileUnseen = async () => {
      while (await delay(this.#unseenMs, signal)) if (!gone && this.#find(name) === undefined) await ask();
    };
    void askWhileUnseen();
  }

  /** Remembers the last state that the watch shows of a Pod from now on, even of one that is gone again. */
  trace(name: string): Trace {
    let pod: KnownPod | undefined;
    const leave = this.#join(name, (news) => {
      if (typeof news === 'object') pod = news.object;
    });
    return {
      get pod() {
        return pod;
      },
      [Symbol.dispose]: leave,
    };
  }

  /** @returns a function that ends it */
  #join(name: string, onNews: (news: News) => void): () => void {
    const viewers = this.#viewers.get(name) ?? new Set();
    this.#viewers.set(name, viewers.add(onNews));
    return () => {
      viewers.delete(onNews);
      if (viewers.size === 0) this.#viewers.delete(name);
    };
  }

  #find(name: string): KnownPod | undefined {
    for (const pods of this.#pods) {
      const pod = pods.get(name);
      if (pod !== undefined) return pod;
    }
    return undefined;
  }

  /**
   * Asks the API server itself until it answers.
   *
   * @returns the Pod, or undefined if no Pod has that name or the signal aborts
   */
  async confirm(name: string, signal: AbortSignal): Promise<KnownPod | undefined> {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        return knownPod(await this.#client.pods.get(name, signal));
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        await pauseAfter(failures, confirmBackoff, error, signal);
      }
    }
    return undefined;
  }

  #eventsOf(uid = ''): readonly KnownEvent[] {
    return this.#eventsByUid.get(uid)?.events ?? [];
  }

  #keepEvent({ object, type }: Change<KnownEvent>): void {
    const { name: pod = '', uid = '' } = object.involvedObject;
    const before = this.#eventsOf(uid);
    const same = before.find(({ metadata }) => metadata.uid === object.metadata.uid);
    const { resourceVersion } = object.metadata;
    const isKnown = resourceVersion !== undefined && same?.metadata.resourceVersion === resourceVersion;
    if (type === 'set' && isKnown) return;
    const others = before.filter((event) => event !== same);
    this.#eventsByUid.delete(uid);
    const events = type === 'deleted' ? others : [...others, object];
    const atMs = performance.now();
    if (events.length > 0) this.#eventsByUid.set(uid, { pod, events, atMs });
    this.#forgetEvents(atMs);
    if (type === 'set') this.#notify(pod, 'events');
  }

  #forgetEvents(nowMs: number): void {
    for (const [uid, kept] of this.#eventsByUid) {
      if (nowMs - kept.atMs < unviewedMs) return;
      this.#eventsByUid.delete(uid);
      if (this.#viewers.has(kept.pod)) this.#eventsByUid.set(uid, { ...kept, atMs: nowMs });
    }
  }

  /** No change reports a Pod that was deleted before the first list that could have included it. */
  #notifyOfMissing(): void {
    for (const name of this.#viewers.keys()) {
      if (this.#find(name) === undefined) this.#notify(name, 'missing');
    }
  }

  #notify(name: string, news: News): void {
    for (const viewer of this.#viewers.get(name) ?? []) viewer(news);
  }
}
