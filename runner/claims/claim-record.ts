import type { ClaimOutcome } from './claim-loop.ts';

/** How the last claim of each class ended, and how long ago the runner API last answered one. */
export class ClaimRecord {
  readonly #outcomes = new Map<string, { readonly outcome: ClaimOutcome; readonly token: string }>();
  /** When a claim was last answered, or when the class began to claim. On the monotonic clock, ms. */
  readonly #answeredMs = new Map<string, number>();

  /** The class claims from now on. */
  begin(resourceClass: string): void {
    this.#answeredMs.set(resourceClass, performance.now());
  }

  /** The classes that have begun to claim, also those that have lost their token since. */
  get classes(): readonly string[] {
    return [...this.#answeredMs.keys()];
  }

  note(resourceClass: string, outcome: ClaimOutcome, token: string): void {
    this.#outcomes.set(resourceClass, { outcome, token });
    if (outcome !== 'no-answer') this.#answeredMs.set(resourceClass, performance.now());
  }

  /** How the last claim with a token ended. Undefined: no claim with it has ended yet. */
  outcome(resourceClass: string, token: string | undefined): ClaimOutcome | undefined {
    const last = this.#outcomes.get(resourceClass);
    return last?.token === token ? last?.outcome : undefined;
  }

  /** The time since the last answer to a claim, for those of these classes that have begun to claim, s. */
  answerAges(resourceClasses: readonly string[]): ReadonlyMap<string, number> {
    const nowMs = performance.now();
    const known = resourceClasses.flatMap((name) => {
      const atMs = this.#answeredMs.get(name);
      return atMs === undefined ? [] : [[name, (nowMs - atMs) / 1000] as const];
    });
    return new Map(known);
  }
}
