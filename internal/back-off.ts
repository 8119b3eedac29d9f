import { randomInt } from 'node:crypto';
import { delay } from './delay.ts';

/** The pauses of a series of tries, ms. */
export interface Backoff {
  readonly first: number;
  readonly longest: number;
}

/** The usual pauses between tries that may go on for long. */
export const defaultBackoff: Backoff = { first: 500, longest: 30_000 };

/**
 * Waits before another try: twice as long after each failure, and at least as long as the server asks. The pause is
 * between half and all of that time, so that clients that met the same outage do not return together.
 *
 * @param failures the number of failed tries, from 1
 * @param error of the last try. Its `retryAfterMs`, if it has one, is the pause that the server asks for
 * @param mostMs the longest pause, whatever the others say
 */
export async function pauseAfter(
  failures: number,
  backoff: Backoff,
  error: unknown,
  signal: AbortSignal,
  mostMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const doubled = doubledMs(failures, backoff);
  const spread = Math.round(doubled / 2 + (doubled / 2) * (randomInt(1001) / 1000));
  await delay(Math.min(Math.max(spread, askedMs(error)), mostMs), signal);
}

/** The first pause, doubled for each failure after the first, ms. @param failures the number of failed tries, from 1 */
export function doubledMs(failures: number, { first, longest }: Backoff): number {
  return Math.min(first * 2 ** (failures - 1), longest);
}

/** Some time between nine tenths and all of a time, ms, so that what began together does not go on together. */
export function shortened(ms: number): number {
  return Math.round((ms * (9000 + randomInt(1001))) / 10_000);
}

/** The pause that the server asks for with an error: its `retryAfterMs`, ms. 0: it does not ask for one. */
export function askedMs(error: unknown): number {
  const asked = error instanceof Error && 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  return typeof asked === 'number' ? asked : 0;
}
