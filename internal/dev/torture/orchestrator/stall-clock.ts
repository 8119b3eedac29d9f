const tickMs = 50;

/** Measures delays of this suite itself. A late answer during a delay is not a fault of the product. */
export class StallClock {
  #longest: { readonly until: number; readonly ms: number }[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor() {
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      const ms = now - last - tickMs;
      last = now;
      if (ms > tickMs) this.#longest.push({ until: now, ms });
    }, tickMs).unref();
  }

  /** The longest stall that reached into the time from `start` (performance.now()) on, ms. */
  longestSince(start: number): number {
    return Math.max(0, ...this.#longest.filter(({ until }) => until >= start).map(({ ms }) => ms));
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
