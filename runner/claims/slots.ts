/** A place for one task; given back once. */
export interface Slot {
  release(): void;
}

/**
 * As many places as this replica may have tasks. Who waits longest comes first, so that a class with much work keeps
 * no other class out.
 */
export class Slots {
  readonly #limit: number;
  readonly #waiting: { readonly give: (slot: Slot) => void }[] = [];
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get free(): number {
    return Math.max(this.#limit - this.#used, 0);
  }

  /** Takes a place although there may be none: for a task that runs already. */
  take(): Slot {
    this.#used++;
    return this.#slot();
  }

  /** Waits for a place. @returns undefined when the signal aborts first */
  async acquire(signal: AbortSignal): Promise<Slot | undefined> {
    if (signal.aborted) return undefined;
    if (this.free > 0 && this.#waiting.length === 0) return this.take();
    const { promise, resolve } = Promise.withResolvers<Slot | undefined>();
    const waiter = { give: resolve };
    const leave = () => {
      const index = this.#waiting.indexOf(waiter);
      if (index !== -1) this.#waiting.splice(index, 1);
      resolve(undefined);
    };
    this.#waiting.push(waiter);
    signal.addEventListener('abort', leave, { once: true });
    const slot = await promise;
    signal.removeEventListener('abort', leave);
    return slot;
  }

  #slot(): Slot {
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.#used--;
        while (this.free > 0) {
          const next = this.#waiting.shift();
          if (next === undefined) return;
          next.give(this.take());
        }
      },
    };
  }
}
