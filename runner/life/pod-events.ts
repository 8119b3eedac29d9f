import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { type KnownEvent, knownEvent } from '../verdict/known-pod.ts';
import { askUntilAnswered } from './ask-until-answered.ts';

/**
 * The events about single Pods, also about those that are gone: API servers keep them for an hour by default.
 *
 * To find them, the API server reads all events of the namespace, which takes seconds if there are 100,000. So these
 * requests are made one after the other: of many at once, each would run into its time limit, and again the next time.
 */
export class PodEvents {
  readonly #client: KubernetesClient;
  /** Resolves when the last request that was asked for is over. */
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(client: KubernetesClient) {
    this.#client = client;
  }

  /**
   * The events about the Pod with this name.
   *
   * @throws as {@link askUntilAnswered}
   */
  async list(podName: string, signal: AbortSignal): Promise<KnownEvent[]> {
    const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${podName}`;
    const list = () => this.#client.events.list({ fieldSelector }, signal, knownEvent);
    const events = await askUntilAnswered(() => this.#inTurn(list, signal), signal);
    return events.filter(({ involvedObject: { name } }) => name === podName);
  }

  #inTurn<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#lastTurn.then(() => {
      signal.throwIfAborted();
      return request();
    });
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }
}
