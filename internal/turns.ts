/** Does things one after the other, in the order in which they were asked for. */
export class Turns {
  /** Settles when the last one so far is over. */
  #last: Promise<unknown> = Promise.resolve();

  /** Begins `work` when all before it are over, also if they have failed. @returns its result */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
