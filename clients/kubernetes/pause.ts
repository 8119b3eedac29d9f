import { randomInt } from 'node:crypto';
import { delay } from '../../internal/delay.ts';
import { KubernetesError } from './kubernetes-error.ts';

/** How a series of tries is spread over time, ms. */
export interface Backoff {
  readonly first: number;
  readonly longest: number;
}

/**
 * Waits before another try: twice as long after each failure, between half and the whole of that time, so that the
 * replicas that met the same outage do not come back together; and at least as long as the server asks for.
 *
 * @param failures how many tries have failed, from 1
 */
export async function pauseAfter(
  failures: number,
  backoff: Backoff,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const doubled = Math.min(backoff.first * 2 ** (failures - 1), backoff.longest);
  const spread = Math.round(doubled / 2 + (doubled / 2) * (randomInt(1001) / 1000));
  const asked = error instanceof KubernetesError ? (error.retryAfterMs ?? 0) : 0;
  await delay(Math.max(spread, asked), signal);
}
