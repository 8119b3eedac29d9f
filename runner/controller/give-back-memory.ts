import { delay } from '../../internal/delay.ts';

/** The time between two looks at the number of tasks, ms. */
const lookMs = 10_000;
/** How many looks there are between two times that a busy process gives memory back: half a minute. */
const busyLooks = 3;

/**
 * Gives back memory that the process holds without using it: once after one or two looks without tasks, and every half a
 * minute while there are tasks. The start and a sweep use much that steady work does not. Resolves when the signal
 * aborts.
 *
 * @param giveBack takes some milliseconds
 * @param pause `delay`, except in tests, which have their own clock
 */
export async function giveBackMemory(
  tasks: () => number,
  giveBack: () => void,
  signal: AbortSignal,
  pause: typeof delay = delay,
): Promise<void> {
  let wasIdle = tasks() === 0;
  /** The looks since memory was last given back. Undefined: since then there have been no tasks. */
  let looks: number | undefined = 0;
  while (await pause(lookMs, signal)) {
    const isIdle = tasks() === 0;
    if (!isIdle || looks !== undefined) looks = (looks ?? 0) + 1;
    if (looks !== undefined && ((isIdle && wasIdle) || looks >= busyLooks)) {
      giveBack();
      looks = isIdle ? undefined : 0;
    }
    wasIdle = isIdle;
  }
}
