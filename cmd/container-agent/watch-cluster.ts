import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { Informer } from '../../clients/kubernetes/informer.ts';
import type { Selection } from '../../clients/kubernetes/list-pages.ts';
import type { Objects } from '../../clients/kubernetes/objects.ts';
import type { KubernetesObject } from '../../clients/kubernetes/read-answer.ts';
import { defaultBackoff } from '../../internal/back-off.ts';
import type { ControllerLogger } from '../../runner/observability/controller-logger.ts';
import type { Metrics } from '../../runner/observability/metrics.ts';
import { ownSelector } from '../../runner/pod/own-metadata.ts';
import { knownEvent, knownPod } from '../../runner/verdict/known-pod.ts';
import type { EventInformer, PodInformer } from '../../runner/watch/pod-watch.ts';

/** This replica's view of the cluster. */
export interface Informers {
  readonly pods: PodInformer;
  readonly events: EventInformer;
  /** Whether the Pods are known, and whether the watch of events can begin. */
  readonly synced: Record<'pods' | 'events', boolean>;
  /**
   * Also watches the Pods of an instance, until each caller has ended its watch.
   *
   * @param show shows the Pods. It returns a function that ends this
   * @returns a function that ends the caller's watch
   */
  readonly watchPods: (instance: string, show: (pods: PodInformer) => () => void) => () => void;
  /** Resolves when all have ended. */
  readonly ended: () => Promise<unknown>;
}

/** Watches the Pods of an instance, and the events about Pods, until the signal aborts. */
export function watchCluster(
  client: KubernetesClient,
  instance: string,
  { logger, metrics }: { readonly logger: ControllerLogger; readonly metrics: Metrics },
  signal: AbortSignal,
): Informers {
  const synced = { pods: false, events: false };
  const informerOf = <Known extends KubernetesObject, Sent extends KubernetesObject>(
    objects: Objects<Sent>,
    kind: keyof typeof synced,
    selection: Selection,
    extract: (object: Sent) => Known,
  ) => {
    const informer = new Informer(objects, {
      selection,
      extract,
      backoff: defaultBackoff,
      // Those of all Pods in the namespace arrive here, and last for an hour. The watch of Pods keeps what it needs.
      keeps: kind !== 'events',
      onTrouble: (error) => logger.warn(`the ${kind} cannot be watched`, { error }),
      onWatch: () => metrics.watchBegun(kind),
    });
    void informer.synced.then(() => {
      synced[kind] = true;
    });
    return informer;
  };
  const podsOf = (owner: string) =>
    informerOf(client.pods, 'pods', { labelSelector: ownSelector(owner) }, knownPod);
  const pods = podsOf(instance);
  const events = informerOf(
    client.events,
    'events',
    { fieldSelector: 'involvedObject.kind=Pod' },
    knownEvent,
  );
  const running = new Set([pods.run(signal), events.run(signal)]);
  const others = new Map<string, { watchers: number; readonly end: () => void }>();
  const begin = (owner: string, show: (pods: PodInformer) => () => void) => {
    const over = new AbortController();
    const shown = podsOf(owner);
    const hide = show(shown);
    const run = shown.run(AbortSignal.any([signal, over.signal])).finally(() => running.delete(run));
    running.add(run);
    const end = () => {
      others.delete(owner);
      hide();
      over.abort();
    };
    return { watchers: 0, end };
  };
  const watchPods: Informers['watchPods'] = (owner, show) => {
    if (owner === instance) return () => undefined;
    const watch = others.get(owner) ?? begin(owner, show);
    others.set(owner, watch);
    watch.watchers++;
    return () => {
      watch.watchers--;
      if (watch.watchers === 0) watch.end();
    };
  };
  return { pods, events, synced, watchPods, ended: () => Promise.all(running) };
}
