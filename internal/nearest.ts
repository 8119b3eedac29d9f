/** With more typos, it is another word. */
const maxErrors = 2;
/** A shorter beginning says too little. */
const minBeginning = 4;

/**
 * The known word that a misspelt one most likely means: it differs only in case, `-` and `_`, or by at most two typos,
 * or it is the only one that begins like this. Undefined if there is none, or if the word itself is known.
 */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  if (known.includes(word)) return undefined;
  const near = known
    .map((candidate) => ({ candidate, errors: countErrors(plain(word), plain(candidate)) }))
    .filter(({ candidate, errors }) => errors <= Math.min(maxErrors, candidate.length / 2 - 1));
  return near.sort((a, b) => a.errors - b.errors)[0]?.candidate ?? onlyOneWithBeginning(word, known);
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[-_]/g, '');
}

function onlyOneWithBeginning(word: string, known: readonly string[]): string | undefined {
  if (plain(word).length < minBeginning) return undefined;
  const [first, ...others] = known.filter((candidate) => plain(candidate).startsWith(plain(word)));
  return others.length === 0 ? first : undefined;
}

/**
 * The letters to add, remove or replace, and the neighbours to swap, to turn one word into the other (the optimal
 * string alignment distance).
 */
function countErrors(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > maxErrors) return maxErrors + 1;
  let twoAbove: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const areSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = areSwapped ? (twoAbove[column - 2] ?? maxErrors) + 1 : replaced;
      current.push(Math.min(replaced, swapped, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    twoAbove = above;
    above = current;
  }
  return above[to.length] ?? 0;
}
