import type { Library } from './library.ts';

/** procfs has no entry of that name, so no image has a file below it. */
const nowhere = '/proc/-/';

/**
 * Overwrites the beginning of every absolute path in a library that starts with `path`. Then the path does
 * not exist. The length stays the same, because compilers store it elsewhere, and split long strings into
 * pieces of 16 bytes.
 *
 * @throws Error if there is no such path. Then this code was not written for the library
 */
export function hidePath({ name, bytes }: Library, path: string): void {
  if (path.length < nowhere.length) throw new Error(`${path} is too short to be hidden`);
  const places = findPaths(bytes, path);
  if (places.length === 0) throw new Error(`${name} has no ${path}: is it another version?`);
  for (const place of places) bytes.write(nowhere, place, 'latin1');
}

/**
 * Hides the short name of a folder to search. It becomes the path of the root folder, which has no libraries.
 */
export function hideFolder({ name, bytes }: Library, path: string): void {
  const places = findPaths(bytes, `${path}\0`);
  if (places.length === 0) throw new Error(`${name} has no ${path}: is it another version?`);
  for (const place of places) bytes.fill(0, place + 1, place + path.length);
}

/** Finds the path only at the beginning of a text: after the NUL of another text, or after bytes that are not text. */
function findPaths(bytes: Buffer, path: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(path, 0, 'latin1'); at !== -1; at = bytes.indexOf(path, at + 1, 'latin1')) {
    if (!/[ -~]/.test(bytes.toString('latin1', at - 1, at))) places.push(at);
  }
  return places;
}
