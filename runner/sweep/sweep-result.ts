/** How a sweep ends, for metrics. `incomplete`: something that was found could not be taken over or deleted. */
export const sweepResults = ['complete', 'incomplete', 'failed'] as const;
export type SweepResult = (typeof sweepResults)[number];
