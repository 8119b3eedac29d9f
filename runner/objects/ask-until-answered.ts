import { isStatus, Refusals } from '../../clients/kubernetes/kubernetes-error.ts';
import { defaultBackoff, pauseAfter } from '../../internal/back-off.ts';

/**
 * Asks the API server until it answers, however long that takes.
 *
 * @throws KubernetesError if another try is of no use, or the signal's reason
 */
export async function askUntilAnswered<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const refusals = new Refusals();
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      // 410: reading the pages of a list took too long.
      if (!isStatus(error, 410) && refusals.isFinal(error)) throw error;
      await pauseAfter(failures, defaultBackoff, error, signal);
    }
  }
}
