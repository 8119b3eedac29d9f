import { median } from '../../median.ts';

/** The resources of one orchestrator at one moment. */
export interface Sample {
  /** Anonymous memory, KiB. The kernel manages the pages of files. */
  readonly memoryKib: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly zombies: number;
  /** The time of a health check, ms. A health check waits for the event loop. */
  readonly answerMs: number;
}

/**
 * The allowed growth from the middle third to the last third, and the compared value of each third. A leak
 * grows with each job, not by a few pages. Garbage changes the memory by some MB, so for memory the highest
 * value counts.
 */
const rules: Readonly<
  Record<keyof Sample, { readonly allowed: number; readonly compared: (numbers: number[]) => number }>
> = {
  memoryKib: { allowed: 4096, compared: most },
  descriptors: { allowed: 1, compared: median },
  threads: { allowed: 0, compared: median },
  zombies: { allowed: 25, compared: median },
  answerMs: { allowed: 100, compared: median },
};

export interface Growth {
  readonly of: keyof Sample;
  readonly before: number;
  readonly after: number;
  readonly isFlat: boolean;
}

/** Compares the last third with the middle one; the first third is for warming up. */
export function measureGrowth(samples: readonly Sample[]): Growth[] {
  const third = Math.floor(samples.length / 3);
  return (Object.keys(rules) as (keyof Sample)[]).map((of) => {
    const { allowed, compared } = rules[of];
    const between = (from: number, to: number) =>
      compared(samples.slice(from, to).map((sample) => sample[of]));
    const before = between(third, 2 * third);
    const after = between(2 * third, samples.length);
    return { of, before, after, isFlat: after - before <= allowed };
  });
}

function most(numbers: number[]): number {
  return Math.max(...numbers);
}
