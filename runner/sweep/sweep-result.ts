/** How a sweep ends, for metrics. `incomplete`: a task that was found could not be taken over. */
export const sweepResults = ['complete', 'incomplete', 'failed'] as const;
export type SweepResult = (typeof sweepResults)[number];
