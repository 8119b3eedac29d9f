import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseServerVersions } from './parse-server-versions.ts';

test('tells what is pinned from what nobody has looked up', () => {
  const table = JSON.stringify({ $comment: 'text', '4.7': '1.0.12345-abcdef', '4.8': null });
  expect(parseServerVersions(table)).toEqual({ pinned: [['4.7', '1.0.12345-abcdef']], missing: ['4.8'] });
});

test.each([
  ['latest', '1.0.0'],
  ['4.8', ''],
  ['4.8', 'tag with blanks'],
  ['4.8', 48],
])('refuses the entry %s: %j', (server, tag) => {
  expect(() => parseServerVersions(JSON.stringify({ [server]: tag }))).toThrow(
    /an entry that makes no sense/,
  );
});

test('finds the table of this repository in order', async () => {
  const { pinned, missing } = parseServerVersions(await readFile('.goreleaser/server-versions.json', 'utf8'));
  expect([...pinned.map(([server]) => server), ...missing]).toContain('4.8');
});
