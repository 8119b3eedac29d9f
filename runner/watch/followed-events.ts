import type { Change } from '../../clients/kubernetes/informer.ts';
import type { KnownEvent, KnownPod } from '../verdict/known-pod.ts';

/** The events about the Pods that are followed. Those of other Pods are not kept: there may be a million of them. */
export class FollowedEvents {
  /** By the names of the Pods. */
  readonly #events = new Map<string, readonly KnownEvent[]>();

  /** Keeps the events about a Pod from now on. */
  follow(podName: string): void {
    if (!this.#events.has(podName)) this.#events.set(podName, []);
  }

  unfollow(podName: string): void {
    this.#events.delete(podName);
  }

  /** The names of the Pods that are followed. */
  get podNames(): Iterable<string> {
    return this.#events.keys();
  }

  /** The events about this Pod, and not about another one that had its name. */
  about({ metadata }: KnownPod): readonly KnownEvent[] {
    const events = this.#events.get(metadata?.name ?? '') ?? [];
    return events.filter(({ involvedObject }) => involvedObject.uid === metadata?.uid);
  }

  /** Adds events about a Pod from the time before. @returns whether the Pod is followed */
  addEarlier(podName: string, earlier: readonly KnownEvent[]): boolean {
    const known = this.#events.get(podName);
    if (known === undefined) return false;
    // An event that the watch has shown, too, may have been updated since the list.
    const shown = new Map(known.map((event) => [event.metadata.uid, event]));
    const listed = earlier.map((event) => shown.get(event.metadata.uid) ?? event);
    const rest = known.filter((event) => !listed.includes(event));
    this.#events.set(podName, [...listed, ...rest]);
    return true;
  }

  /** Keeps a change that the watch shows. @returns whether there is an event to look at */
  change({ object, type }: Change<KnownEvent>): boolean {
    const { name = '' } = object.involvedObject;
    const before = this.#events.get(name);
    if (before === undefined) return false;
    const same = before.find(({ metadata }) => metadata.uid === object.metadata.uid);
    const { resourceVersion } = object.metadata;
    const isKnown = resourceVersion !== undefined && same?.metadata.resourceVersion === resourceVersion;
    if (type === 'set' && isKnown) return false;
    const others = before.filter((event) => event !== same);
    this.#events.set(name, type === 'deleted' ? others : [...others, object]);
    return type === 'set';
  }
}
