/** So many characters at its beginning tell a form from most others. */
export const startLength = 4;

/**
 * Finds texts in another one, by their first characters: the time hardly depends on how many there are. Of a thousand
 * tasks each line would else be searched two thousand times.
 */
export class FormIndex {
  /** Each text with the number of those who want it found. */
  readonly #byStart = new Map<number, Map<string, number>>();

  /** @param form at least {@link startLength} characters */
  add(form: string): void {
    const start = startAt(form, 0);
    const forms = this.#byStart.get(start) ?? new Map<string, number>();
    this.#byStart.set(start, forms.set(form, (forms.get(form) ?? 0) + 1));
  }

  /** Takes back one {@link add}. */
  remove(form: string): void {
    const start = startAt(form, 0);
    const forms = this.#byStart.get(start);
    const left = (forms?.get(form) ?? 0) - 1;
    if (left > 0) forms?.set(form, left);
    else forms?.delete(form);
    if (forms?.size === 0) this.#byStart.delete(start);
  }

  /** All that was added, each once. */
  *all(): Generator<string> {
    for (const forms of this.#byStart.values()) yield* forms.keys();
  }

  /**
   * The text with something else in place of each part that is such a text, or several that overlap.
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
      // Another one may begin within it, and go on behind it.
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

/** A number for the characters at a place. Others may have the same: they are then compared as a whole. */
function startAt(text: string, at: number): number {
  let start = 0;
  // Behind the end there is NaN, which counts as 0 here.
  for (let next = at; next < at + startLength; next++) start = (start << 7) ^ text.charCodeAt(next);
  return start;
}
