import type { Event, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { Change, Informer } from '../../clients/kubernetes/informer.ts';
import { delay } from '../../internal/delay.ts';
import type { KnownEvent, KnownPod } from '../verdict/known-pod.ts';
import type { PodView } from '../verdict/pod-view.ts';
import { askForPod, isSamePod } from './ask-for-pod.ts';
import { FollowedEvents } from './followed-events.ts';

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

/**
 * How often the API server is asked for a Pod that the watch does not show, ms. It may have been deleted before the
 * watch began, or it has lost the labels by which it is watched.
 */
const unseenLimitMs = 10_000;
/**
 * How long it takes after an outage of the API server until its Pods are up to date again, ms. A kubelet writes what has
 * happened meanwhile within 10 s (pkg/kubelet/status, `syncPeriod`), if it has found the API server again.
 */
const staleLimitMs = 30_000;

/** Shows the Pods of this program, and the events about them, each to its viewers. */
export class PodWatch {
  readonly #client: KubernetesClient;
  readonly #pods = new Set<PodInformer>();
  readonly #unseenMs: number;
  readonly #staleMs: number;
  readonly #events = new FollowedEvents();
  readonly #viewers = new Map<string, Set<(news: News) => void>>();

  constructor(
    client: KubernetesClient,
    pods: PodInformer,
    events: EventInformer,
    { unseenMs = unseenLimitMs, staleMs = staleLimitMs } = {},
  ) {
    this.#client = client;
    this.#unseenMs = unseenMs;
    this.#staleMs = staleMs;
    this.addPods(pods);
    events.listen((change) => {
      if (this.#events.change(change)) this.#notify(change.object.involvedObject.name ?? '', 'events');
    });
  }

  /** Keeps the events about a Pod from now on. */
  follow(name: string): void {
    this.#events.follow(name);
  }

  unfollow(name: string): void {
    this.#events.unfollow(name);
  }

  /** The names of the Pods that are followed. */
  get followed(): Iterable<string> {
    return this.#events.podNames;
  }

  /** The Pods that are followed, as far as the watches show them. */
  *followedPods(): Iterable<KnownPod> {
    for (const name of this.followed) {
      const pod = this.#find(name);
      if (pod !== undefined) yield pod;
    }
  }

  /** Adds events about a Pod that is followed, from the time before. */
  addEvents(name: string, earlier: readonly KnownEvent[]): void {
    if (this.#events.addEarlier(name, earlier)) this.#notify(name, 'events');
  }

  /** The events about a Pod that is followed, and not about another one that had its name. */
  eventsOf(pod: KnownPod): readonly KnownEvent[] {
    return this.#events.about(pod);
  }

  /** Also shows the Pods of another instance, whose tasks are ours now. @returns a function that ends this */
  addPods(pods: PodInformer): () => void {
    this.#pods.add(pods);
    pods.listen((change) => this.#notify(change.object.metadata?.name ?? '', change));
    pods.listenToLists(() => this.#notifyOfMissing());
    return () => this.#pods.delete(pods);
  }

  /**
   * Calls `look` with the view of a Pod, now and on every change, until the signal aborts. Another Pod that has its name
   * later is never shown: then it is gone.
   *
   * @param first the Pod as it was created: the watch may show it later
   */
  view(name: string, first: KnownPod | undefined, look: (view: PodView) => void, signal: AbortSignal): void {
    const uid = first?.metadata?.uid;
    let pod = this.#find(name, uid) ?? first;
    let gone = false;
    let sawEnd = false;
    const show = () => look({ pod, gone, endMissed: gone && !sawEnd, events: pod ? this.eventsOf(pod) : [] });
    // Before a task is given up, the API server itself is asked.
    const ask = async () => {
      const { pod: found } = await askForPod(this.#client, name, uid, signal);
      if (signal.aborted) return;
      gone = found === undefined;
      sawEnd &&= gone;
      pod = found ?? pod;
      show();
    };
    const onNews = (news: News) => {
      if (news === 'missing') return void ask();
      if (news !== 'events' && !isSamePod(news.object, uid)) return gone ? undefined : void ask();
      if (news !== 'events') {
        pod = news.object;
        sawEnd = news.type === 'deleted' && news.seen;
        // A Pod that has lost its labels, or that is deleted at once, vanishes from the watch in the same way.
        if (news.type === 'deleted' && pod.metadata?.deletionTimestamp === undefined) return void ask();
        gone = news.type === 'deleted';
      }
      show();
    };
    signal.addEventListener('abort', this.#join(name, onNews));
    show();
    const askWhileUnseen = async () => {
      while (await delay(this.#unseenMs, signal))
        if (!gone && this.#find(name, uid) === undefined) await ask();
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

  #find(name: string, uid?: string): KnownPod | undefined {
    for (const pods of this.#pods) {
      const pod = pods.get(name);
      if (pod !== undefined && isSamePod(pod, uid)) return pod;
    }
    return undefined;
  }

  /**
   * Asks the API server itself until it answers. Soon after an outage it asks again later: until then, the API server has
   * Pods as they were before. An answer at the first try counts even if there was another outage meanwhile, as some never
   * end.
   *
   * @returns the Pod in its present state, or undefined if it is gone or the signal aborts
   */
  async confirmUpToDate({ metadata }: KnownPod, signal: AbortSignal): Promise<KnownPod | undefined> {
    const troubles = [...this.#pods].map(({ troubledMs }) => troubledMs);
    let restMs = Math.max(...troubles) + this.#staleMs - performance.now();
    for (;;) {
      const { pod, tries } = await askForPod(this.#client, metadata?.name ?? '', metadata?.uid, signal);
      if (tries > 1) restMs = this.#staleMs;
      if (pod === undefined || restMs <= 0 || !(await delay(restMs, signal))) return pod;
      restMs = 0;
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
