import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';
import { listImports } from './imports.ts';

const folders = ['cmd', 'init', 'task', 'clients', 'internal', 'runner'];
const present = new Set(
  globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: repository },
  ),
);

/** What `#platform/…` stands for, without the platform. */
const modules = new Set(
  listImports(folders)
    .filter(({ specifier }) => specifier.startsWith('#platform/'))
    .map(({ specifier }) => specifier.slice('#platform/'.length)),
);

test('every module of a platform exists for each platform, beside their common types', () => {
  expect(modules.size).toBeGreaterThan(5);
  const expected = [...modules].flatMap((name) => [`${name}.linux.ts`, `${name}.windows.ts`, `${name}.ts`]);
  expect(expected.filter((file) => !present.has(join(file)))).toEqual([]);
});

test('only modules of a platform import its modules by name', () => {
  const platformOf = (file: string) =>
    /\.(linux|windows)\.ts$|\/(linux|windows)\//.exec(file)?.slice(1).find(Boolean);
  const crossing = listImports(folders).filter(
    ({ from, to, specifier }) =>
      !specifier.startsWith('#') &&
      !from.startsWith('internal/dev/') &&
      platformOf(to) !== undefined &&
      platformOf(from) !== platformOf(to),
  );
  expect(crossing.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});
