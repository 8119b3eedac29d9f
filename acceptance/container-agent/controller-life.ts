/**
 * The event at one of a controller's requests. `before`: the request has no effect. `after`: it has, but the answer is
 * lost. `cancelled`: only the task is cancelled, and the controller lives on.
 */
export type Blow = 'SIGKILL before' | 'SIGKILL after' | 'SIGTERM at' | 'cancelled at';

/** A request of a controller, and the event at it. */
export interface PlannedBlow {
  readonly request: string;
  readonly kind: Blow;
}

/** The life of a controller while it has a task, or looks for one that nobody has. */
export class ControllerLife {
  /** The controller's. */
  readonly name: string;
  readonly blow: PlannedBlow | undefined;
  readonly #effects: string[] = [];
  #isStruck = false;

  /** @param blow the event. Undefined: none */
  constructor(name: string, blow: PlannedBlow | undefined) {
    this.name = name;
    this.blow = blow;
  }

  /** Whether the event has happened. */
  get isStruck(): boolean {
    return this.#isStruck;
  }

  /** Whether the event kills it. */
  get isToDie(): boolean {
    return this.blow?.kind.startsWith('SIGKILL') ?? false;
  }

  /** Its requests that had an effect, in order. */
  get effects(): readonly string[] {
    return this.#effects;
  }

  /** Notes a request. @returns the name by which the request is planned, and the event that happens now */
  meet(request: string): { readonly name: string; readonly kind: Blow | undefined } {
    const name = this.#number(request);
    const kind = this.#isStruck || this.blow?.request !== name ? undefined : this.blow.kind;
    if (kind !== undefined) this.#isStruck = true;
    if (kind !== 'SIGKILL before') this.#effects.push(name);
    return { name, kind };
  }

  /** The second of equal requests is `… (2)`. Output has no numbers: how many parts it has is a matter of timing. */
  #number(request: string): string {
    const count = this.#effects.filter((name) => name.replace(/ \(\d+\)$/, '') === request).length;
    return count === 0 || request === 'step-output' ? request : `${request} (${count + 1})`;
  }
}
