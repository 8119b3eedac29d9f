import { isPassing, isStatus, mostRefusals } from '../../clients/kubernetes/kubernetes-error.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';

const backoff: Backoff = { first: 500, longest: 30_000 };

/**
 * Asks the API server until it answers, however long that takes.
 *
 * @throws KubernetesError if another try is of no use, or the signal's reason
 */
export async function askUntilAnswered<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let refusals = 0;
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      // 410: reading the pages of a list took too long.
      if (!isPassing(error) && !isStatus(error, 410) && ++refusals >= mostRefusals) throw error;
      await pauseAfter(failures, backoff, error, signal);
    }
  }
}
