import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isPassing, isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';

const backoff: Backoff = { first: 500, longest: 15_000 };
/** What cannot be deleted by then is left to garbage collection. */
const tries = 8;

/**
 * Deletes a task's Pod, and not another one of its name. What is gone already is well. Never rejects.
 *
 * @param graceSeconds how long its containers may take to end; undefined: as long as the Pod says
 */
export async function deletePod(
  client: KubernetesClient,
  { metadata: { name = '', uid } = {} }: Pod,
  graceSeconds: number | undefined,
  logger: ControllerLogger,
  signal: AbortSignal,
): Promise<void> {
  const deletion = { uid, gracePeriodSeconds: graceSeconds };
  await deleteQuietly(() => client.pods.delete(name, deletion, signal), name, logger, signal);
}

/** Deletes Secrets of a task; what is gone already is well. Never rejects. */
export async function deleteSecrets(
  client: KubernetesClient,
  names: readonly string[],
  logger: ControllerLogger,
  signal: AbortSignal,
): Promise<void> {
  for (const name of names) {
    await deleteQuietly(() => client.secrets.delete(name, {}, signal), name, logger, signal);
  }
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
      logger.warn('what is left of a task could not be deleted', { object: name, error });
      if (!isPassing(error)) return;
      await pauseAfter(failures, backoff, error, signal);
    }
  }
}
