import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';

const page = readFileSync(join(repository, 'docs/development.md'), 'utf8');

/** The first column of the page's table of folders. */
const described = new Set(
  [...page.matchAll(/^\| (`[^|]*\/`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)\/`/g)].map(([, folder = '']) => folder),
  ),
);

/** The folders in a folder, without fixtures. */
function foldersOf(parent: string): string[] {
  return readdirSync(join(repository, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'fixtures')
    .map(({ name }) => `${parent}/${name}`)
    .filter((folder) => folder !== 'internal/dev');
}

const folders = ['cmd', 'runner', 'clients', 'internal', 'internal/dev'].flatMap(foldersOf);

test('docs/development.md says what is in each folder, and names no other', () => {
  expect(folders.length).toBeGreaterThan(40);
  expect(folders.filter((folder) => !described.has(folder))).toEqual([]);
  expect([...described].filter((folder) => /\//.test(folder) && !folders.includes(folder))).toEqual([]);
});
