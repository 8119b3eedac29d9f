import { delay } from '../../internal/delay.ts';

/** How long there must have been nothing to do, ms. */
const idleMs = 10_000;

/**
 * Acts once for each period without tasks, but not right at its beginning: after the start, and after the last of some
 * tasks. Resolves when the signal aborts.
 *
 * @param pause `delay`, except in tests, which have their own clock
 */
export async function whenIdle(
  tasks: () => number,
  act: () => void,
  signal: AbortSignal,
  pause: typeof delay = delay,
): Promise<void> {
  let wasIdle = tasks() === 0;
  let acted = false;
  while (await pause(idleMs, signal)) {
    const idle = tasks() === 0;
    if (!idle) acted = false;
    if (idle && wasIdle && !acted) {
      act();
      acted = true;
    }
    wasIdle = idle;
  }
}
