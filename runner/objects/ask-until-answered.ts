import { isStatus, Refusals } from '../../clients/kubernetes/kubernetes-error.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';

const backoff: Backoff = { first: 500, longest: 30_000 };

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
      await pauseAfter(failures, backoff, error, signal);
    }
  }
}
