import type { Symptom } from './symptoms.ts';

/** A symptom, and since when it has been seen without interruption. */
export interface Sighting extends Symptom {
  /** On this process's monotonic clock, ms, because the clocks of nodes and of the API server may differ. */
  readonly sinceMs: number;
}

/**
 * The current symptoms. Symptoms that were seen before keep their time.
 *
 * @param createdMs when the Pod was created, on the same clock. A Pod that has no node has waited for one since then
 */
export function sight(
  before: readonly Sighting[],
  symptoms: readonly Symptom[],
  nowMs: number,
  createdMs = nowMs,
): Sighting[] {
  return symptoms.map((symptom) => {
    const known = before.find(({ kind, key }) => kind === symptom.kind && key === symptom.key);
    const firstMs = symptom.kind === 'unscheduled' ? createdMs : nowMs;
    return { ...symptom, sinceMs: known?.sinceMs ?? firstMs };
  });
}
