import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus, Refusals } from '../../clients/kubernetes/kubernetes-error.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import { wordsOf } from './words-of.ts';

/*
 * While the API server is away, deletions wait for it: otherwise a sweep could later take the Secret of a reported task
 * for one of a task that was not reported.
 */

/** How a deletion is tried again. */
interface DeletionPolicy extends Backoff {
  /** How often it is tried at most. */
  readonly tries?: number;
}

const usualBackoff: Backoff = { first: 500, longest: 15_000 };

/** The result of a deletion. */
export interface DeletionResult<T> {
  /** Whether the object is gone, or will be. If not, the API server refuses again and again, or the signal aborted. */
  readonly isDone: boolean;
  /** The object in the state in which it was deleted. Undefined if it was gone, or the API server did not say. */
  readonly deleted?: T | undefined;
}

/**
 * Deletes a task's Pod, and not another one with its name. If it is already gone, that is fine. Never rejects.
 *
 * @param graceSeconds how long its containers may take to end. Undefined: as long as the Pod says
 */
export async function deletePod(
  client: KubernetesClient,
  { metadata: { name = '', uid } = {} }: KnownPod,
  graceSeconds: number | undefined,
  logger: ControllerLogger,
  signal: AbortSignal,
  backoff = usualBackoff,
): Promise<DeletionResult<Pod>> {
  const deletion = { uid, gracePeriodSeconds: graceSeconds };
  return await deleteQuietly(() => client.pods.delete(name, deletion, signal), name, logger, signal, backoff);
}

/** Deletes Secrets of a task, each like {@link deletePod}. @returns false if one of them is left */
export async function deleteSecrets(
  client: KubernetesClient,
  names: readonly string[],
  logger: ControllerLogger,
  signal: AbortSignal,
  policy: DeletionPolicy = usualBackoff,
): Promise<boolean> {
  let isDone = true;
  for (const name of names) {
    const deletion = () => client.secrets.delete(name, {}, signal);
    isDone = (await deleteQuietly(deletion, name, logger, signal, policy)).isDone && isDone;
  }
  return isDone;
}

async function deleteQuietly<T>(
  deletion: () => Promise<T | undefined>,
  name: string,
  logger: ControllerLogger,
  signal: AbortSignal,
  policy: DeletionPolicy,
): Promise<DeletionResult<T>> {
  const { tries = Number.POSITIVE_INFINITY } = policy;
  const refusals = new Refusals();
  let lastWords: string | undefined;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      return { isDone: true, deleted: await deletion() };
    } catch (error) {
      if (signal.aborted) break;
      // 409: another object has its name now.
      if (isStatus(error, 404, 409)) return { isDone: true };
      const isOver = refusals.isFinal(error) || failures >= tries;
      const words = wordsOf(error);
      // Not each try: an outage of the API server may affect hundreds of tasks.
      if (isOver || words !== lastWords)
        logger.warn('what is left of a task could not be deleted', { object: name, error });
      lastWords = words;
      if (isOver) break;
      await pauseAfter(failures, policy, error, signal);
    }
  }
  return { isDone: false };
}
