import type { ClaimOutcome } from './claim-loop.ts';

/** How the last claim of each class ended, and when the runner API last answered one. */
export class ClaimRecord {
  readonly #outcomes = new Map<string, ClaimOutcome>();
  /** On the monotonic clock, ms. */
  readonly #answeredMs = new Map<string, number>();

  note(resourceClass: string, outcome: ClaimOutcome): void {
    this.#outcomes.set(resourceClass, outcome);
    if (outcome !== 'no-answer') this.#answeredMs.set(resourceClass, performance.now());
  }

  /** Undefined: no claim of the class has ended yet. */
  outcome(resourceClass: string): ClaimOutcome | undefined {
    return this.#outcomes.get(resourceClass);
  }

  /** How long ago the runner API last answered, by class, s. */
  answerAges(): ReadonlyMap<string, number> {
    const nowMs = performance.now();
    return new Map([...this.#answeredMs].map(([name, atMs]) => [name, (nowMs - atMs) / 1000]));
  }
}
