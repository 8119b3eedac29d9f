import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { repository } from '../../packer/repository.ts';

/**
 * Each part of the repository, a folder or a file, and the parts that it may import in addition to itself. A
 * file belongs to the longest part that matches.
 */
export type Rules = Readonly<Record<string, readonly string[]>>;

/** Tests, and files that only tests use, may import anything. */
const testFile = /\.test\.ts$|\/fixtures\//;

/** An import of one module by another, both as paths from the repository's root. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** In the words of the source. */
  readonly specifier: string;
}

/** Every import between sources that are not tests. `#platform/…` counts as the module for Linux. */
export function listImports(folders: readonly string[]): Import[] {
  const files = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: repository },
  );
  return files.filter((file) => !testFile.test(file)).flatMap((from) => importsOf(from));
}

function importsOf(from: string): Import[] {
  const text = readFileSync(join(repository, from), 'utf8');
  const specifiers = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+|#platform\/[^']+)'/g);
  return [...specifiers].map(([, specifier = '']) => ({
    from,
    specifier,
    to: specifier.startsWith('#')
      ? `${specifier.slice('#platform/'.length)}.linux.ts`
      : normalize(join(dirname(from), specifier)),
  }));
}

/** The imports that no rule allows, as `from → to`. */
export function findForbidden(imports: readonly Omit<Import, 'specifier'>[], rules: Rules): string[] {
  const parts = Object.keys(rules).sort((a, b) => b.length - a.length);
  const partOf = (file: string) => parts.find((part) => file === part || file.startsWith(`${part}/`));
  return imports
    .filter(({ from, to }) => {
      const [importer, imported] = [partOf(from), partOf(to)];
      if (importer === undefined || imported === undefined) return true;
      return importer !== imported && !rules[importer]?.includes(imported);
    })
    .map(({ from, to }) => `${from} → ${to}`);
}

/** The files that match, and all that they import, also by other files. */
export function findReached(imports: readonly Omit<Import, 'specifier'>[], begin: RegExp): string[] {
  const reached = new Set(imports.flatMap(({ from }) => (begin.test(from) ? [from] : [])));
  // A file that is added meanwhile is looked at, too.
  for (const file of reached) for (const { from, to } of imports) if (from === file) reached.add(to);
  return [...reached];
}

/** The imports by which files import each other in a circle, or that lead from one circle to another. */
export function findCycles(imports: readonly Omit<Import, 'specifier'>[]): string[] {
  const importers = new Set(imports.map(({ from }) => from));
  const imported = new Set(imports.map(({ to }) => to));
  // An import is in no circle if its file is imported by no other, or what it imports imports nothing.
  const left = imports.filter(({ from, to }) => imported.has(from) && importers.has(to));
  if (left.length < imports.length) return findCycles(left);
  return left.map(({ from, to }) => `${from} → ${to}`);
}
