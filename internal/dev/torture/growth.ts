import { median } from '../median.ts';

/** What one orchestrator takes at a moment. */
export interface Sample {
  /** Anonymous memory, KiB: what is shared with the file is the kernel's to give and take. */
  readonly memoryKib: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly zombies: number;
  /** How long a health check took, which waits for the event loop, ms. */
  readonly answerMs: number;
}

/**
 * How much more the last third may take than the one before it, and what of a third is compared. A leak grows by each
 * job, not by a few pages. Garbage comes and goes by some MB, so of memory it is the most that counts.
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
