import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { pauseAfter } from '../../internal/back-off.ts';
import { type KnownPod, knownPod } from '../verdict/known-pod.ts';

const askBackoff = { first: 500, longest: 10_000 } as const;

/** Whether a Pod is the one with this uid, and not another one with its name. The uid may not be known. */
export function isSamePod({ metadata }: KnownPod, uid: string | undefined): boolean {
  return uid === undefined || metadata?.uid === uid;
}

/**
 * Asks the API server for a Pod until it answers.
 *
 * @returns the Pod in its present state, and how often was asked. The Pod is undefined if there is none with this name
 *   and uid, or if the signal aborts
 */
export async function askForPod(
  client: KubernetesClient,
  name: string,
  uid: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly pod: KnownPod | undefined; readonly tries: number }> {
  for (let tries = 1; !signal.aborted; tries++) {
    try {
      const pod = await client.pods.find(name, signal);
      return { pod: pod && isSamePod(pod, uid) ? knownPod(pod) : undefined, tries };
    } catch (error) {
      await pauseAfter(tries, askBackoff, error, signal);
    }
  }
  return { pod: undefined, tries: 0 };
}
