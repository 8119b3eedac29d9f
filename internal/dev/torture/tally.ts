/** Counts of events, by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string, count = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** One line each, in the order of their names. */
  toString(): string {
    const names = [...this.#counts.keys()].sort();
    const width = Math.max(0, ...names.map((name) => name.length));
    return names.map((name) => `  ${name.padEnd(width)} ${this.get(name)}`).join('\n');
  }
}
