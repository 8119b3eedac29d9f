import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { delay } from '../../internal/delay.ts';
import { Turns } from '../../internal/turns.ts';
import { askUntilAnswered } from '../objects/ask-until-answered.ts';
import { type KnownEvent, knownEvent } from '../verdict/known-pod.ts';

interface Waiting {
  readonly podName: string;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
}

type EventsByPod = ReadonlyMap<string, KnownEvent[]>;

/** No Pod has this many events. */
const mostPerPod = 1000;

/** A list begins when nobody has asked for this long, or at the latest after the second time, ms. */
const gatherMs = 200;
const mostGatherMs = 30_000;

/**
 * The events about single Pods, also about those that are gone: API servers keep them for an hour by default.
 *
 * To find them, the API server reads all events of the namespace, which takes seconds if there are many. So however many
 * tasks ask, the events are listed by one request after the other, and all who wait meanwhile share the next list. It
 * begins when no more tasks come: a restarted controller takes over all of its tasks first, and lists the events once.
 */
export class PodEvents {
  readonly #client: KubernetesClient;
  readonly #ending: AbortSignal;
  readonly #lists = new Turns();
  /** The list that has not begun yet. */
  #next: { readonly waiting: Waiting[]; readonly list: Promise<EventsByPod> } | undefined;

  /** @param ending ends all requests */
  constructor(client: KubernetesClient, ending: AbortSignal) {
    this.#client = client;
    this.#ending = ending;
  }

  /**
   * The events about the Pod with this name.
   *
   * @throws as {@link askUntilAnswered}
   */
  async list(podName: string, signal: AbortSignal): Promise<KnownEvent[]> {
    const list = () => unlessAborted(this.#listNext({ podName, signal }), signal);
    const events = await askUntilAnswered(list, signal);
    return events.get(podName) ?? [];
  }

  /** Lists what exists now, not what existed when a list began that is under way. */
  #listNext(waiting: Waiting): Promise<EventsByPod> {
    this.#next ??= this.#startNext();
    this.#next.waiting.push(waiting);
    return this.#next.list;
  }

  #startNext() {
    const waiting: Waiting[] = [];
    const list = this.#lists.take(async () => {
      await this.#gather(waiting);
      this.#next = undefined;
      const names = waiting.flatMap(({ podName, signal }) => (signal.aborted ? [] : [podName]));
      return this.#list(new Set(names));
    });
    return { waiting, list };
  }

  /** Waits until nobody else has asked for a short time. */
  async #gather(waiting: readonly Waiting[]): Promise<void> {
    const endMs = performance.now() + mostGatherMs;
    for (let before = 0; waiting.length > before && performance.now() < endMs; ) {
      before = waiting.length;
      if (!(await delay(gatherMs, this.#ending))) return;
    }
  }

  async #list(podNames: ReadonlySet<string>): Promise<EventsByPod> {
    const found = new Map<string, KnownEvent[]>();
    for (const name of podNames) found.set(name, []);
    if (podNames.size === 0) return found;
    const one = podNames.size === 1 ? `,involvedObject.name=${[...podNames][0]}` : '';
    const selection = { fieldSelector: `involvedObject.kind=Pod${one}` };
    for await (const { items } of this.#client.events.pages(selection, this.#ending)) {
      for (const event of items) {
        const events = found.get(event.involvedObject?.name ?? '');
        if (events === undefined || events.length === mostPerPod) continue;
        if (event.metadata?.uid !== undefined) events.push(knownEvent(event));
      }
    }
    return found;
  }
}

/** The value of the promise. @throws the signal's reason, as soon as it aborts */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
