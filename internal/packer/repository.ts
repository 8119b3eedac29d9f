import { join } from 'node:path';

/** The root of this checkout. */
export const repository = join(import.meta.dirname, '..', '..');

/** Where a program's executable for Linux is once `./do build` has made it. */
export function builtExecutable(name: string, architecture: string): string {
  return join(repository, 'target', 'bin', 'linux', architecture, name);
}
