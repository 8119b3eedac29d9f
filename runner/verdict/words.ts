/** More than anybody reads: an admission policy may list what it checks, and a container may end with a page of output. */
const longest = 2000;

/** What others say, for a message: on one line, and not without end. */
export function oneLine(words: string): string {
  const text = words
    .slice(0, 2 * longest)
    .trim()
    .replace(/\s+/g, ' ');
  return text.length > longest ? `${text.slice(0, longest)} …` : text;
}
