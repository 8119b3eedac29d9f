import { spawnSync } from 'node:child_process';
import { type Architecture, machines } from '../../packer/architecture.ts';
import { compilerFor } from '../../packer/compile.ts';
import { inCi } from '../variables.ts';

interface Compiler {
  readonly architecture: Architecture;
  /** For a test's title. */
  readonly title: string;
  /**
   * Whether it is installed. In CI the one for arm64 always counts as installed, so its tests fail instead of
   * being skipped.
   */
  readonly isThere: boolean;
}

/** The C compilers for all architectures of the executable. */
export const compilers: readonly Compiler[] = (Object.keys(machines) as Architecture[]).map(
  (architecture) => {
    const isRequired = architecture === 'arm64' && inCi;
    const isThere = isRequired || spawnSync(compilerFor(architecture), ['--version']).status === 0;
    const title = isThere ? architecture : `${architecture} (left out: no compiler here)`;
    return { architecture, title, isThere };
  },
);

/**
 * Checks C without writing a result.
 *
 * @param folder the folder for `#include "…"`
 * @returns the compiler's complaints, or ''
 */
export function complaintsAbout(source: string, architecture: Architecture, folder: string): string {
  const warnings = ['-Wall', '-Wextra', '-Wconversion', '-Werror'];
  const parameters = ['-fsyntax-only', '-std=gnu17', ...warnings, '-x', 'c', '-'];
  const { error, stderr } = spawnSync(compilerFor(architecture), parameters, {
    cwd: folder,
    input: source,
    encoding: 'utf8',
  });
  if (error) throw error;
  return stderr;
}

/** A line of C that does not compile unless the condition holds. The complaint quotes the condition. */
export function assertion(condition: string): string {
  return `_Static_assert(${condition}, ${JSON.stringify(condition)});`;
}
