/** This many characters at the start distinguish a form from most others. */
export const startLength = 4;

/**
 * Finds texts in another one by their first characters, so the time hardly depends on their number. Otherwise, with a
 * thousand tasks, each line would be searched two thousand times.
 */
export class FormIndex {
  /** Each text, with the number of times that it was added. */
  readonly #byStart = new Map<number, Map<string, number>>();

  /** @param form at least {@link startLength} characters */
  add(form: string): void {
    const start = startAt(form, 0);
    const forms = this.#byStart.get(start) ?? new Map<string, number>();
    this.#byStart.set(start, forms.set(form, (forms.get(form) ?? 0) + 1));
  }

  /** Undoes one {@link add}. */
  remove(form: string): void {
    const start = startAt(form, 0);
    const forms = this.#byStart.get(start);
    const left = (forms?.get(form) ?? 0) - 1;
    if (left > 0) forms?.set(form, left);
    else forms?.delete(form);
    if (forms?.size === 0) this.#byStart.delete(start);
  }

  /** All added texts, each once. */
  *all(): Generator<string> {
    for (const forms of this.#byStart.values()) yield* forms.keys();
  }

  /**
   * Replaces each part of the text that is one of these texts, or several overlapping ones.
   *
   * @param replacement gets the number of characters
   */
  replace(text: string, replacement: (length: number) => string): string {
    let replaced = '';
    let end = 0;
    for (let at = 0; at + startLength <= text.length; at++) {
      const length = this.#longestAt(text, at);
      if (length === 0) continue;
      let last = at + length;
      // Another one may begin within it, and end after it.
      for (let within = at + 1; within < last; within++)
        last = Math.max(last, within + this.#longestAt(text, within));
      replaced += text.slice(end, at) + replacement(last - at);
      end = last;
      at = last - 1;
    }
    return end === 0 ? text : replaced + text.slice(end);
  }

  #longestAt(text: string, at: number): number {
    const forms = this.#byStart.get(startAt(text, at));
    if (forms === undefined) return 0;
    let longest = 0;
    for (const form of forms.keys()) {
      if (form.length > longest && text.startsWith(form, at)) longest = form.length;
    }
    return longest;
  }
}

/** A number for the characters at a place. Different characters may have the same number, and are then compared. */
function startAt(text: string, at: number): number {
  let start = 0;
  // After the end there is NaN, which counts as 0 here.
  for (let next = at; next < at + startLength; next++) start = (start << 7) ^ text.charCodeAt(next);
  return start;
}
