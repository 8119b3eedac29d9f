import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { findTaskAgent, parseServerVersions } from './parse-server-versions.ts';

test('separates pinned versions from those that nobody has looked up', () => {
  const table = JSON.stringify({ $comment: 'text', '4.7': '1.0.12345-abcdef', '4.8': null });
  expect(parseServerVersions(table)).toEqual({ pinned: [['4.7', '1.0.12345-abcdef']], missing: ['4.8'] });
});

test.each([
  ['latest', '1.0.0'],
  ['4.8', ''],
  ['4.8', 'tag with blanks'],
  ['4.8', 48],
])('refuses the entry %s: %j', (server, tag) => {
  expect(() => parseServerVersions(JSON.stringify({ [server]: tag }))).toThrow(/an entry that is invalid/);
});

test('finds the table of this repository in order', async () => {
  const { pinned, missing } = parseServerVersions(await readFile('.goreleaser/server-versions.json', 'utf8'));
  expect([...pinned.map(([server]) => server), ...missing]).toContain('4.8');
});

test.each([
  'circleci/picard: 1.0.12345-abcdef',
  'docker:\n  circleci/other: 1\n  \'circleci/picard\': "1.0.12345-abcdef" # pinned\n',
])('finds the task agent among the images of server: %j', (images) => {
  expect(findTaskAgent('4.8', images)).toBe('1.0.12345-abcdef');
});

test.each(['', 'circleci/picard-dispatcher: 1.0.0', 'circleci/picard: "two words"'])(
  'fails if it is missing: %j',
  (images) => {
    expect(() => findTaskAgent('4.8', images)).toThrow(
      'images.yaml of server 4.8 has no tag for circleci/picard',
    );
  },
);

test('fills the table from a clone of the repository of server, the newest version from main', async () => {
  const folder = scratchFolder();
  const table = join(folder, 'versions.json');
  await writeFile(table, '{"$comment":"text","4.9":null,"4.10":"1.0.1-old"}');
  const commit = 'git -c user.name=t -c user.email=t@example.com commit -qam images';
  const script = `git init -q -b server-4.9 && echo 'circleci/picard: 1.0.9-a' >images.yaml && git add . && ${commit} &&
    git checkout -q -b main && echo 'circleci/picard: 1.0.10-b' >images.yaml && ${commit}`;
  await execa('sh', ['-ec', script], { cwd: folder });
  const program = join(import.meta.dirname, 'pin-server-versions.ts');
  await execa(process.execPath, [program, folder], { env: { SERVER_VERSIONS: table } });
  expect(JSON.parse(await readFile(table, 'utf8'))).toEqual({
    $comment: 'text',
    '4.9': '1.0.9-a',
    '4.10': '1.0.10-b',
  });
});
