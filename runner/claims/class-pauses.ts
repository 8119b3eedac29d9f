import { type Backoff, doubledMs } from '../../internal/back-off.ts';
import { dottedName } from '../classes/resource-classes.ts';

/** This many starts of a class in a row may fail before the class rests: the jobs may be at fault. */
const usualFailures = 2;
const restBackoff: Backoff = { first: 5000, longest: 60_000 };

/** The starts of a class that have failed since one succeeded. */
interface Failures {
  readonly count: number;
  /** On the monotonic clock, ms. */
  readonly restsUntilMs: number;
}

/** A problem that lasts for a while, and whose end nobody reports. */
interface Rest {
  readonly reason: string;
  /** On the monotonic clock, ms. */
  readonly untilMs: number;
}

interface Pause {
  readonly reason: string;
  /** The class claims nothing if at least so many pauses have this reason. */
  readonly from: number;
}

/** Why classes claim nothing for now. A pause holds until its owner takes it back, and a rest ends by itself. */
export class ClassPauses {
  readonly #failures = new Map<string, Failures>();
  readonly #rests = new Map<string, Rest>();
  readonly #pauses = new Map<string, Set<Pause>>();
  readonly #findReason: (name: string) => string | undefined;

  /** @param findReason finds another reason why a class may not claim, by its dotted name. It is asked each time */
  constructor(findReason: (name: string) => string | undefined = () => undefined) {
    this.#findReason = findReason;
  }

  /** The class claims nothing until the pause is over. @returns a function that ends it */
  pause(resourceClass: string, reason: string): () => void {
    return this.#add(resourceClass, { reason, from: 1 });
  }

  /**
   * To be called for a task in a trouble that may be its own, or its class's. The class claims nothing while two tasks
   * or more are in it.
   *
   * @returns a function to call when the task is out of it
   */
  pauseIfSeveral(resourceClass: string, reason: string): () => void {
    return this.#add(resourceClass, { reason, from: 2 });
  }

  /** The class claims nothing for a minute, then tries again. */
  rest(resourceClass: string, reason: string): void {
    this.#rests.set(dottedName(resourceClass), { reason, untilMs: performance.now() + restBackoff.longest });
  }

  /** To be called once when a task of the class has begun: so may the next one. */
  noteStart(resourceClass: string): void {
    this.#failures.delete(dottedName(resourceClass));
  }

  /**
   * To be called once when a task of the class ends before it began. If several have done so in a row, the class rests
   * after each further one, longer each time. Without rests, a class whose Pods cannot start would claim its whole queue
   * and use up the retries. Failures during a pause do not count, because their tasks were claimed before it.
   */
  noteFailedStart(resourceClass: string): void {
    if (this.reasonOf(resourceClass) !== undefined) return;
    const name = dottedName(resourceClass);
    const count = (this.#failures.get(name)?.count ?? 0) + 1;
    const restMs = count > usualFailures ? doubledMs(count - usualFailures, restBackoff) : 0;
    this.#failures.set(name, { count, restsUntilMs: performance.now() + restMs });
  }

  /** One of the reasons why the class claims nothing. Undefined: it may claim. */
  reasonOf(resourceClass: string): string | undefined {
    const name = dottedName(resourceClass);
    return this.#pauseOf(name) ?? this.#findReason(name) ?? this.#restOf(name);
  }

  #add(resourceClass: string, pause: Pause): () => void {
    const name = dottedName(resourceClass);
    const pauses = this.#pauses.get(name) ?? new Set();
    this.#pauses.set(name, pauses.add(pause));
    return () => void pauses.delete(pause);
  }

  #pauseOf(name: string): string | undefined {
    const pauses = [...(this.#pauses.get(name) ?? [])];
    const countOf = (wanted: string) => pauses.filter(({ reason }) => reason === wanted).length;
    return pauses.find(({ from, reason }) => countOf(reason) >= from)?.reason;
  }

  #restOf(name: string): string | undefined {
    const known = this.#rests.get(name);
    if (known !== undefined && performance.now() < known.untilMs) return known.reason;
    const failures = this.#failures.get(name);
    if (failures === undefined || performance.now() >= failures.restsUntilMs) return undefined;
    return `${failures.count} tasks in a row have ended before they began`;
  }
}
