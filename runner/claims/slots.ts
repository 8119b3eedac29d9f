/** A place for one task. It is given back once. */
export interface Slot {
  release(): void;
}

/**
 * As many slots as this replica may have tasks. The longest waiter comes first, so that a class with much work does not
 * block other classes.
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

  /** Takes a slot even if none is free, for a task that already runs. */
  takeRegardless(): Slot {
    return this.#take();
  }

  /** Waits for a slot. @returns undefined if the signal aborts first */
  async acquire(signal: AbortSignal): Promise<Slot | undefined> {
    if (signal.aborted) return undefined;
    if (this.free > 0 && this.#waiting.length === 0) return this.#take();
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

  #take(): Slot {
    this.#used++;
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.#used--;
        while (this.free > 0) {
          const next = this.#waiting.shift();
          if (next === undefined) return;
          next.give(this.#take());
        }
      },
    };
  }
}
