import { delay } from '../../internal/delay.ts';
import { formatGoDuration } from '../../internal/duration.ts';

/** How often it is told that a task has not begun, ms. */
const usualMs = 30_000;

/**
 * Tells now and then that a Pod has not started, until the signal aborts: only who tells something learns from the
 * answer that nobody waits for the task any more, and a Pod that waits has no news for long.
 */
export async function tellWhilePending(
  isPending: () => boolean,
  tell: (line: string) => void,
  signal: AbortSignal,
  everyMs = usualMs,
): Promise<void> {
  for (let waited = everyMs; await delay(everyMs, signal); waited += everyMs) {
    if (isPending()) tell(`The Pod has not started within ${formatGoDuration(BigInt(waited) * 1_000_000n)}.`);
  }
}
