import { dottedName } from '../classes/resource-classes.ts';

/** Why classes claim nothing for now; each reason holds until whoever gave it takes it back. */
export class ClassPauses {
  readonly #reasons = new Map<string, Set<{ readonly reason: string }>>();

  /** @returns a function that takes the reason back */
  pause(resourceClass: string, reason: string): () => void {
    const name = dottedName(resourceClass);
    const reasons = this.#reasons.get(name) ?? new Set();
    const entry = { reason };
    this.#reasons.set(name, reasons.add(entry));
    return () => void reasons.delete(entry);
  }

  /** The oldest reason; undefined: the class may claim. */
  reasonOf(resourceClass: string): string | undefined {
    const [oldest] = this.#reasons.get(dottedName(resourceClass)) ?? [];
    return oldest?.reason;
  }
}
