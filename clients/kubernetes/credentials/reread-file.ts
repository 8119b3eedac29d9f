import { readFile } from 'node:fs/promises';

/** The kubelet replaces a token after four fifths of its lifetime. A lifetime is at least ten minutes. */
const freshMs = 60_000;

/**
 * The content of a file that changes now and then, without the white space around it.
 *
 * @returns a function that reads the file again if the last reading is older than a minute. It rejects with errors of
 * node:fs until the file has been read once
 */
export function rereadFile(path: string): () => Promise<string> {
  let known: { readonly text: string; readonly atMs: number } | undefined;
  return async () => {
    if (known !== undefined && performance.now() - known.atMs < freshMs) return known.text;
    try {
      known = { text: (await readFile(path, 'utf8')).trim(), atMs: performance.now() };
    } catch (error) {
      // The file is being replaced. Its earlier content is still valid for a while.
      if (known === undefined) throw error;
    }
    return known.text;
  };
}
