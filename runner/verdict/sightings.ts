import type { Symptom } from './symptoms.ts';

/** A symptom, and since when it has been seen without interruption. */
export interface Sighting extends Symptom {
  /** On this process's monotonic clock, ms, because the clocks of nodes and of the API server may differ. */
  readonly sinceMs: number;
}

/**
 * A scheduler and an autoscaler that have started together with this program get at least this time for a Pod that
 * already has waited for a node, ms, unless the limit is shorter.
 */
const leastMs = 30_000;

/** How much of the age of a Pod that was found counts as its wait for a node, ms. @param limitMs of the whole wait */
export function waitedBefore(ageMs: number, limitMs: number): number {
  return Math.min(ageMs, Math.max(limitMs - leastMs, 0));
}

/**
 * The current symptoms. Symptoms that were seen before keep their time.
 *
 * @param waitsSinceMs since when a Pod that has no node has waited for one, on the same clock
 */
export function sight(
  before: readonly Sighting[],
  symptoms: readonly Symptom[],
  nowMs: number,
  waitsSinceMs = nowMs,
): Sighting[] {
  return symptoms.map((symptom) => {
    const known = before.find(({ kind, key }) => kind === symptom.kind && key === symptom.key);
    const firstMs = symptom.kind === 'unscheduled' ? waitsSinceMs : nowMs;
    return { ...symptom, sinceMs: known?.sinceMs ?? firstMs };
  });
}
