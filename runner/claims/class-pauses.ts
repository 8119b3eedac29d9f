import type { Backoff } from '../../internal/back-off.ts';
import { dottedName } from '../classes/resource-classes.ts';

/** So many tasks of a class in a row may end without a Pod as if nothing were wrong: each by a fault of its own job. */
const usualFailures = 2;
const rest: Backoff = { first: 5000, longest: 60_000 };

/** The tasks of a class that have ended without a Pod since one got a Pod. */
interface Failures {
  readonly count: number;
  /** On the monotonic clock, ms. */
  readonly restsUntilMs: number;
}

/** Something that is wrong for a while, and that nobody says the end of. */
interface Rest {
  readonly reason: string;
  /** On the monotonic clock, ms. */
  readonly untilMs: number;
}

/** Why classes claim nothing for now; each reason holds until whoever gave it takes it back. */
export class ClassPauses {
  readonly #failures = new Map<string, Failures>();
  readonly #rests = new Map<string, Rest>();
  readonly #reasons = new Map<string, Set<{ readonly reason: string }>>();

  /** @returns a function that takes the reason back */
  pause(resourceClass: string, reason: string): () => void {
    const name = dottedName(resourceClass);
    const reasons = this.#reasons.get(name) ?? new Set();
    const entry = { reason };
    this.#reasons.set(name, reasons.add(entry));
    return () => void reasons.delete(entry);
  }

  /** The class claims nothing for a minute, then tries again. */
  rest(resourceClass: string, reason: string): void {
    this.#rests.set(dottedName(resourceClass), { reason, untilMs: performance.now() + rest.longest });
  }

  /** A task of the class has a Pod: the next one may have one, too. */
  noteStart(resourceClass: string): void {
    this.#failures.delete(dottedName(resourceClass));
  }

  /**
   * A task of the class has ended without a Pod. When several in a row have, the class rests after each, for longer and
   * longer: a runner API that has no end of such tasks would be asked for them without a pause. Those that were claimed
   * before a pause began say nothing new.
   */
  noteFailedStart(resourceClass: string): void {
    if (this.reasonOf(resourceClass) !== undefined) return;
    const name = dottedName(resourceClass);
    const count = (this.#failures.get(name)?.count ?? 0) + 1;
    const doublings = count - usualFailures - 1;
    const restMs = doublings < 0 ? 0 : Math.min(rest.first * 2 ** doublings, rest.longest);
    this.#failures.set(name, { count, restsUntilMs: performance.now() + restMs });
  }

  /** The oldest reason; undefined: the class may claim. */
  reasonOf(resourceClass: string): string | undefined {
    const name = dottedName(resourceClass);
    const [oldest] = this.#reasons.get(name) ?? [];
    return oldest?.reason ?? this.#restOf(name);
  }

  #restOf(name: string): string | undefined {
    const known = this.#rests.get(name);
    if (known !== undefined && performance.now() < known.untilMs) return known.reason;
    const failures = this.#failures.get(name);
    if (failures === undefined || performance.now() >= failures.restsUntilMs) return undefined;
    return `${failures.count} tasks in a row have ended before they had a Pod`;
  }
}
