import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isPassing, isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { type Backoff, pauseAfter } from '../../clients/kubernetes/pause.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';
import { registrySecretName } from '../pod/names.ts';

const backoff: Backoff = { first: 500, longest: 15_000 };
/** What cannot be deleted by then is left to garbage collection. */
const tries = 8;

/** What is left of a task. */
export interface Remains {
  readonly podName: string;
  /** Undefined: the Pod is not known, but may exist. */
  readonly podUid: string | undefined;
  readonly keepPod: boolean;
  /** End its containers at once: nobody waits for what they do any more. */
  readonly now: boolean;
  readonly hasRegistrySecret: boolean;
}

/** Deletes a task's Pod and Secrets; what is gone already is well. Never rejects. */
export async function cleanUp(
  client: KubernetesClient,
  remains: Remains,
  logger: ControllerLogger,
  signal: AbortSignal,
): Promise<void> {
  const { hasRegistrySecret, keepPod, now, podName, podUid } = remains;
  const deletions = [
    ...(keepPod
      ? []
      : [
          () =>
            client.pods.delete(podName, { uid: podUid, ...(now ? { gracePeriodSeconds: 0 } : {}) }, signal),
        ]),
    () => client.secrets.delete(podName, {}, signal),
    ...(hasRegistrySecret ? [() => client.secrets.delete(registrySecretName(podName), {}, signal)] : []),
  ];
  for (const deletion of deletions) await deleteQuietly(deletion, podName, logger, signal);
}

async function deleteQuietly(
  deletion: () => Promise<void>,
  name: string,
  logger: ControllerLogger,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; failures <= tries && !signal.aborted; failures++) {
    try {
      return await deletion();
    } catch (error) {
      // 409: another object has its name now.
      if (signal.aborted || isStatus(error, 404, 409)) return;
      logger.warn('what is left of a task could not be deleted', { pod: name, error });
      if (!isPassing(error)) return;
      await pauseAfter(failures, backoff, error, signal);
    }
  }
}
