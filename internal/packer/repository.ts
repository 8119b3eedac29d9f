import { join } from 'node:path';

/** The root of this checkout. */
export const repository = join(import.meta.dirname, '..', '..');

/** The path of a program's executable for Linux after `./do build`. */
export function builtExecutable(name: string, architecture: string): string {
  return join(repository, 'target', 'bin', 'linux', architecture, name);
}
