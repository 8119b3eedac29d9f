import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { Informer } from '../../clients/kubernetes/informer.ts';
import type { Selection } from '../../clients/kubernetes/list-pages.ts';
import type { Objects } from '../../clients/kubernetes/objects.ts';
import type { KubernetesObject } from '../../clients/kubernetes/read-answer.ts';
import { defaultBackoff } from '../../internal/back-off.ts';
import type { ControllerLogger } from '../../runner/log/controller-logger.ts';
import type { Metrics } from '../../runner/metrics/metrics.ts';
import { ownSelector } from '../../runner/pod/own-metadata.ts';
import { knownEvent, knownPod } from '../../runner/verdict/known-pod.ts';
import type { EventInformer, PodInformer } from '../../runner/watch/pod-watch.ts';

/** Shows an informer's Pods. @returns a function that ends this */
type Show = (pods: PodInformer) => () => void;

/** A replica's view of the cluster: the Pods of its instance, and the events about Pods. */
export class ClusterWatch {
  readonly pods: PodInformer;
  readonly events: EventInformer;
  /** Whether the Pods of this instance are known, and whether the watch of events can begin. */
  readonly synced = { pods: false, events: false };
  readonly #client: KubernetesClient;
  readonly #instance: string;
  readonly #logger: ControllerLogger;
  readonly #metrics: Metrics;
  readonly #over: AbortSignal;
  readonly #running = new Set<Promise<void>>();
  /** The watches of the Pods of other instances. */
  readonly #others = new Map<string, { watchers: number; readonly end: () => void }>();

  /** Watches until `over` aborts. */
  constructor(
    client: KubernetesClient,
    instance: string,
    { logger, metrics }: { readonly logger: ControllerLogger; readonly metrics: Metrics },
    over: AbortSignal,
  ) {
    this.#client = client;
    this.#instance = instance;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#over = over;
    this.pods = this.#podsOf(instance);
    this.events = this.#informerOf(
      client.events,
      'events',
      { fieldSelector: 'involvedObject.kind=Pod' },
      knownEvent,
    );
    this.#runOwn('pods', this.pods);
    this.#runOwn('events', this.events);
  }

  /**
   * Also watches the Pods of an instance, until each caller has ended its watch.
   *
   * @returns a function that ends the caller's watch
   */
  watchPods(instance: string, show: Show): () => void {
    if (instance === this.#instance) return () => undefined;
    const watch = this.#others.get(instance) ?? this.#begin(instance, show);
    this.#others.set(instance, watch);
    watch.watchers++;
    return () => {
      watch.watchers--;
      if (watch.watchers === 0) watch.end();
    };
  }

  /** Resolves when all watches have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  #begin(instance: string, show: Show) {
    const over = new AbortController();
    const pods = this.#podsOf(instance);
    const hide = show(pods);
    this.#run(pods, AbortSignal.any([this.#over, over.signal]));
    const end = () => {
      this.#others.delete(instance);
      hide();
      over.abort();
    };
    return { watchers: 0, end };
  }

  #runOwn(kind: 'pods' | 'events', informer: PodInformer | EventInformer): void {
    void informer.synced.then(() => {
      this.synced[kind] = true;
    });
    this.#run(informer, this.#over);
  }

  #run(informer: { run(signal: AbortSignal): Promise<void> }, signal: AbortSignal): void {
    const run = informer.run(signal).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  #podsOf(instance: string): PodInformer {
    return this.#informerOf(this.#client.pods, 'pods', { labelSelector: ownSelector(instance) }, knownPod);
  }

  #informerOf<Known extends KubernetesObject, Sent extends KubernetesObject>(
    objects: Objects<Sent>,
    kind: 'pods' | 'events',
    selection: Selection,
    extract: (object: Sent) => Known,
  ): Informer<Known, Sent> {
    return new Informer(objects, {
      selection,
      extract,
      backoff: defaultBackoff,
      // Those of all Pods in the namespace arrive here, and last for an hour. The watch of Pods keeps what it needs.
      keeps: kind !== 'events',
      onTrouble: (error) => this.#logger.warn(`the ${kind} cannot be watched`, { error }),
      onWatch: () => this.#metrics.watchBegun(kind),
    });
  }
}
