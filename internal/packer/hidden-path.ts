import type { Library } from './libraries.ts';

/** procfs has no entry of that name, so nothing below it exists in any image. */
const nowhere = '/proc/-/';

/**
 * Overwrites the beginning of every absolute path in a library that starts with `path`, so that it leads nowhere. The
 * length stays: compilers keep it elsewhere, and split long strings into pieces of 16 bytes.
 *
 * @throws Error when there is none, because the library is another one than this was written for
 */
export function hidePath({ name, bytes }: Library, path: string): void {
  if (path.length < nowhere.length) throw new Error(`${path} is too short to be hidden`);
  const places = findPaths(bytes, path);
  if (places.length === 0) throw new Error(`${name} has no ${path}: is it another version?`);
  for (const place of places) bytes.write(nowhere, place, 'latin1');
}

/** For the short name of a folder to search: it becomes the path of the root folder itself, which is no library. */
export function hideFolder({ name, bytes }: Library, path: string): void {
  const places = findPaths(bytes, `${path}\0`);
  if (places.length === 0) throw new Error(`${name} has no ${path}: is it another version?`);
  for (const place of places) bytes.fill(0, place + 1, place + path.length);
}

/** Only where a text begins: in front of it is the NUL of another one, or no text at all. */
function findPaths(bytes: Buffer, path: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(path, 0, 'latin1'); at !== -1; at = bytes.indexOf(path, at + 1, 'latin1')) {
    if (!/[ -~]/.test(bytes.toString('latin1', at - 1, at))) places.push(at);
  }
  return places;
}
