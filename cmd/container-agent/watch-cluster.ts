import type {
  KubernetesClient,
  KubernetesObject,
  Objects,
  Selection,
} from '../../clients/kubernetes/client.ts';
import { defaultBackoff, Informer } from '../../clients/kubernetes/informer.ts';
import type { EventInformer, PodInformer } from '../../runner/life/pod-watch.ts';
import type { ControllerLogger } from '../../runner/observability/controller-logger.ts';
import type { Metrics } from '../../runner/observability/metrics.ts';
import { ownSelector } from '../../runner/pod/own-metadata.ts';
import { knownEvent, knownPod } from '../../runner/verdict/known-pod.ts';

/** This replica's view of the cluster. */
export interface Informers {
  readonly pods: PodInformer;
  readonly events: EventInformer;
  /** Whether the first list of each kind is complete. */
  readonly synced: Record<'pods' | 'events', boolean>;
  /** Also watches the Pods of another instance. Undefined if they are watched already. */
  readonly watchPods: (instance: string) => PodInformer | undefined;
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
      // Events of all Pods in the namespace arrive here, and last for an hour. The Pods' viewers keep what they need.
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
  const running = [pods.run(signal), events.run(signal)];
  const instances = new Set([instance]);
  const watchPods = (owner: string) => {
    if (instances.has(owner)) return undefined;
    instances.add(owner);
    const others = podsOf(owner);
    running.push(others.run(signal));
    return others;
  };
  return { pods, events, synced, watchPods, ended: () => Promise.all(running) };
}
