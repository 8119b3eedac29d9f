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

/** How much more the last third may take than the one before it: a leak grows by each job, not by a few pages. */
const allowed: Readonly<Record<keyof Sample, number>> = {
  memoryKib: 2048,
  descriptors: 1,
  threads: 0,
  zombies: 25,
  answerMs: 100,
};

export interface Growth {
  readonly of: keyof Sample;
  readonly before: number;
  readonly after: number;
  readonly isFlat: boolean;
}

/** Compares the median of the last third with that of the middle one; the first third is for warming up. */
export function measureGrowth(samples: readonly Sample[]): Growth[] {
  const third = Math.floor(samples.length / 3);
  const medianOf = (of: keyof Sample, from: number, to: number) =>
    median(samples.slice(from, to).map((sample) => sample[of]));
  return (Object.keys(allowed) as (keyof Sample)[]).map((of) => {
    const before = medianOf(of, third, 2 * third);
    const after = medianOf(of, 2 * third, samples.length);
    return { of, before, after, isFlat: after - before <= allowed[of] };
  });
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
