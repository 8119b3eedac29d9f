/** With more typos, it is another word. */
const maxErrors = 2;

/**
 * The known word that a misspelt one most likely means: it differs only in case, `-` and `_`, or by at most two
 * letters. Undefined if there is none, or if the word itself is known.
 */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  if (known.includes(word)) return undefined;
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_]/g, '');
  const near = known
    .map((candidate) => ({ candidate, errors: countErrors(plain(word), plain(candidate)) }))
    .filter(({ candidate, errors }) => errors <= Math.min(maxErrors, candidate.length / 2 - 1));
  return near.sort((a, b) => a.errors - b.errors)[0]?.candidate;
}

/** The letters to add, remove or replace to turn one word into the other (Levenshtein's distance). */
function countErrors(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > maxErrors) return maxErrors + 1;
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[to.length] ?? 0;
}
