/**
 * What happens at one of a controller's requests. `before`: the request has no effect. `after`: nobody hears of it.
 * `cancelled`: the task is, which is no harm to the controller.
 */
export type Blow = 'SIGKILL before' | 'SIGKILL after' | 'SIGTERM at' | 'cancelled at';

/** A request of a controller and what happens there. */
export interface PlannedBlow {
  readonly request: string;
  readonly kind: Blow;
}

/** What a controller does while it has a task, or looks for one that nobody has. */
export class ControllerLife {
  /** The controller's. */
  readonly name: string;
  readonly blow: PlannedBlow | undefined;
  readonly #effects: string[] = [];
  #isStruck = false;

  /** @param blow what happens to it; undefined: nothing */
  constructor(name: string, blow: PlannedBlow | undefined) {
    this.name = name;
    this.blow = blow;
  }

  /** Whether what is to happen to it has happened. */
  get isStruck(): boolean {
    return this.#isStruck;
  }

  /** Whether it is killed. */
  get isToDie(): boolean {
    return this.blow?.kind.startsWith('SIGKILL') ?? false;
  }

  /** Its requests that had an effect, in order. */
  get effects(): readonly string[] {
    return this.#effects;
  }

  /** It makes a request. @returns the name by which the request is planned, and what happens there now */
  meet(request: string): { readonly name: string; readonly kind: Blow | undefined } {
    const name = this.#number(request);
    const kind = this.#isStruck || this.blow?.request !== name ? undefined : this.blow.kind;
    if (kind !== undefined) this.#isStruck = true;
    if (kind !== 'SIGKILL before') this.#effects.push(name);
    return { name, kind };
  }

  /** Of requests that are alike the second is `… (2)`. In how many parts output comes is a matter of time. */
  #number(request: string): string {
    const count = this.#effects.filter((name) => name.replace(/ \(\d+\)$/, '') === request).length;
    return count === 0 || request === 'step-output' ? request : `${request} (${count + 1})`;
  }
}
