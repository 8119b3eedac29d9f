import { readFile } from 'node:fs/promises';

/** The kubelet replaces a token when four fifths of its time are over, which is ten minutes at least. */
const freshMs = 60_000;

/**
 * The content of a file that changes now and then, without the white space around it.
 *
 * @returns a function that reads it again when what is known is older than a minute; it rejects with node:fs's errors
 * as long as nothing is known
 */
export function rereadFile(path: string): () => Promise<string> {
  let known: { readonly text: string; readonly atMs: number } | undefined;
  return async () => {
    if (known !== undefined && performance.now() - known.atMs < freshMs) return known.text;
    try {
      known = { text: (await readFile(path, 'utf8')).trim(), atMs: performance.now() };
    } catch (error) {
      // It is being replaced; the one before is good for some time yet.
      if (known === undefined) throw error;
    }
    return known.text;
  };
}
