import { delay } from '../../internal/delay.ts';
import { formatGoDurationMs } from '../../internal/duration.ts';

/** The time between two lines about a task that has not begun, ms. */
const usualMs = 30_000;

/**
 * Writes now and then that a Pod has not started, until the signal aborts. Only the answer to a line shows that the
 * task was cancelled, and a waiting Pod gives no other reason to write one for a long time.
 */
export async function tellWhilePending(
  isPending: () => boolean,
  tell: (line: string) => void,
  signal: AbortSignal,
  everyMs = usualMs,
): Promise<void> {
  for (let waited = everyMs; await delay(everyMs, signal); waited += everyMs) {
    if (isPending()) tell(`The Pod has not started within ${formatGoDurationMs(waited)}.`);
  }
}
