/** More than anybody reads. An admission policy may list all its checks, and a container may print a page of output. */
const longest = 2000;

/** Puts the words of others on one line of limited length, for a message. */
export function oneLine(words: string): string {
  const text = words
    .slice(0, 2 * longest)
    .trim()
    .replace(/\s+/g, ' ');
  return text.length > longest ? `${text.slice(0, longest)} …` : text;
}

/** Makes words the beginning of a sentence. */
export function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
