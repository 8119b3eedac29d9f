import { spawnSync } from 'node:child_process';
import { copyFile, type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { sharedScratchFolder } from '../dev/testing/scratch-folder.ts';
import { hostArchitecture } from '../packer/architecture.ts';
import { launcherPath } from '../packer/compile.ts';
import { readContents, writePackedFile } from '../packer/pack-linux.ts';
import { program } from './fixtures/probe/program.ts';
import { verifyPackedFile } from './trailer.ts';
import { partAt, partBytes, trailerSize } from './trailer-layout.ts';

const folder = sharedScratchFolder();
let path: string;

/** The check comes before Node is used, so a few bytes can replace Node. They are copied faster. */
let intact: string;

beforeAll(async () => {
  intact = join(folder.path, 'intact');
  path = join(folder.path, 'packed');
  await writePackedFile(
    intact,
    await readContents(program, hostArchitecture(), Buffer.alloc(300_000, 'no ELF file'), 200_000),
  );
});

beforeEach(() => copyFile(intact, path));

async function removeFromMiddle(file: FileHandle, size: number): Promise<void> {
  const table = Buffer.alloc(trailerSize);
  await file.read(table, 0, trailerSize, size - trailerSize);
  await file.truncate(size - 65_536);
  await file.write(table, 0, trailerSize, size - 65_536 - trailerSize);
}

async function change(file: FileHandle, at: number): Promise<void> {
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 0x80]), 0, 1, at);
}

/** The middle of a part, found by its name in the table at the end. */
async function middleOf(file: FileHandle, size: number, name: string): Promise<number> {
  const table = Buffer.alloc(trailerSize);
  await file.read(table, 0, trailerSize, size - trailerSize);
  const firstPart = partBytes(table, 0).byteOffset - table.byteOffset;
  const entry = table.subarray(table.indexOf(`${name}\0`, firstPart, 'latin1') - partAt.name);
  return Number(entry.readBigUInt64LE(partAt.offset) + entry.readBigUInt64LE(partAt.size) / 2n);
}

const loader = hostArchitecture() === 'amd64' ? 'ld-linux-x86-64.so.2' : 'ld-linux-aarch64.so.1';

type Damage = (file: FileHandle, size: number) => Promise<void>;
const damages: [title: string, damage: Damage, reason: string][] = [
  ['cut off by a byte', (file, size) => file.truncate(size - 1), 'no table of contents at the end'],
  ['cut off in the middle', (file, size) => file.truncate(size / 2), 'no table of contents at the end'],
  ['a byte too long', (file, size) => file.truncate(size + 1), 'no table of contents at the end'],
  ['shorter in its middle', removeFromMiddle, 'wrong size of'],
  ['cut off behind the launcher', (file) => file.truncate(50_000), 'there is no program'],
  [
    'changed in its table',
    (file, size) => change(file, size - 20),
    'wrong checksum of the table of contents',
  ],
  ...['scripts', 'guard.so', loader, 'libc.so.6', 'libstdc++.so.6'].map((name): [string, Damage, string] => [
    `changed in ${name}`,
    async (file, size) => change(file, await middleOf(file, size, name)),
    `wrong checksum of ${name} in`,
  ]),
];

test.each(damages)(
  'refuses to start a file that is %s, or to accept it as a good copy',
  async (_, damage, reason) => {
    await using file = await open(path, 'r+');
    await damage(file, (await file.stat()).size);
    await file.close();
    const { status, stdout, stderr } = spawnSync(path, ['report'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.split('\n')).toEqual([expect.stringContaining(path), '']);
    expect(stderr).toContain(reason);
    await expect(verifyPackedFile(path)).rejects.toThrow(`${path} is incomplete or damaged`);
  },
);

test('accepts no file with a change in Node or the launcher as a good copy', async () => {
  for (const name of ['node', 'launcher']) {
    await copyFile(intact, path);
    await using file = await open(path, 'r+');
    await change(file, await middleOf(file, (await file.stat()).size, name));
    await expect(verifyPackedFile(path)).rejects.toThrow(`wrong checksum of ${name}`);
  }
});

test('accepts an unchanged copy', async () => {
  expect(await verifyPackedFile(path)).toBe('intact');
});

test.each([
  ['empty', ''],
  ['a script', '#!/bin/sh\n'],
  ['large', 'x'.repeat(100_000)],
])('recognizes another kind of file: %s', async (_title, content) => {
  await writeFile(path, content);
  expect(await verifyPackedFile(path)).toBe('not-packed');
});

test('says which part it cannot map', () => {
  const { status, stderr } = spawnSync(path, { encoding: 'utf8' });
  const message = `probe: there is no ELF file in the part node of ${path}\n`;
  expect({ status, stderr }).toEqual({ status: 1, stderr: message });
});

test('says that a bare launcher contains no program', () => {
  const bare = launcherPath(program.name, hostArchitecture());
  const { status, stderr } = spawnSync(bare, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringContaining(`there is no program in ${bare}`),
  });
});
