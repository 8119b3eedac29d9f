import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharedScratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { Environment } from '../../internal/environment.ts';
import { findProgram } from './find-program.linux.ts';
import { StartError } from './processes.ts';

const folder = sharedScratchFolder();
let root: string;
const startedIn = process.cwd();

beforeAll(() => {
  root = folder.path;
  for (const directory of ['first', 'second', 'elsewhere/bin', 'first/directory', 'second/directory.d']) {
    mkdirSync(join(root, directory), { recursive: true });
  }
  const add = (file: string, mode: number) => {
    writeFileSync(join(root, file), '');
    chmodSync(join(root, file), mode);
  };
  add('first/both', 0o755);
  add('second/both', 0o755);
  add('first/data', 0o644);
  add('second/data', 0o755);
  add('second/directory', 0o755);
  add('elsewhere/tool', 0o755);
  symlinkSync(join(root, 'second/both'), join(root, 'first/link'));
  symlinkSync('no-such-file', join(root, 'first/dangling'));
  symlinkSync(join(root, 'elsewhere/bin'), join(root, 'linked-bin'));
  process.chdir(join(root, 'first'));
});

afterAll(() => process.chdir(startedIn));

function along(name: string, PATH: string | undefined): string {
  return findProgram(name, Environment.fromObject({ PATH }));
}

function find(name: string, ...directories: string[]): string {
  const found = along(name, directories.map((part) => part.replace('@', root)).join(':'));
  return found.replace(root, '@');
}

test('finds the first of that name', () => {
  expect(find('both', '@/first', '@/second')).toBe('@/first/both');
  expect(find('both', '@/second', '@/first')).toBe('@/second/both');
});

test('continues if the directory does not exist', () => {
  expect(find('both', '@/none', '@/first/data', '@/second')).toBe('@/second/both');
});

test('continues if a file of that name cannot be executed', () => {
  expect(find('data', '@/first', '@/second')).toBe('@/second/data');
});

test('continues if a directory has that name', () => {
  expect(find('directory', '@/first', '@/second')).toBe('@/second/directory');
});

test('follows links, except broken ones', () => {
  expect(find('link', '@/first')).toBe('@/first/link');
  expect(() => find('dangling', '@/first')).toThrow(StartError);
});

test('leaves ".." to the kernel, which takes the parent of the target of a link', () => {
  expect(find('tool', '@/linked-bin/..')).toBe('@/linked-bin/../tool');
});

test.each([
  ['an empty element', ['', '@/second']],
  ['a dot', ['.']],
])('takes %s for the working directory', (_title, directories) => {
  expect(find('both', ...directories)).toBe('./both');
});

test('searches the working directory when PATH is empty', () => {
  expect(along('both', '')).toBe('./both');
});

test('searches the default directories when there is no PATH', () => {
  expect(along('sh', undefined)).toBe('/bin/sh');
});

test.each(['/no/such/program', './x', 'a/b', '/'])('takes a name with a slash as it is: %s', (name) => {
  expect(along(name, '/bin')).toBe(name);
});

test.each(['no-such-program', '', '.', '..'])('finds nothing for %j', (name) => {
  const message = `${JSON.stringify(name)} is not an executable file in any directory of PATH.`;
  expect(() => find(name, '@/first', '@/second')).toThrow(message);
});
