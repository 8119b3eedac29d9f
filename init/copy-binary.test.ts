import { truncateSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { binaries } from './binaries.linux.ts';
import { copyBinary } from './copy-binary.ts';
import { useInit } from './fixtures/use-init.ts';
import { place } from './fixtures/volume.ts';

const KiB = 1024;
const init = useInit();

test.each([0, 1, 512 * KiB - 1, 512 * KiB, 512 * KiB + 1, 1700 * KiB])(
  'a copy of %d bytes is the same',
  async (size) => {
    const bytes = Buffer.alloc(size, 'no multiple of a piece');
    const source = await place(init.volume().source, 'file', bytes, 0o751);
    const target = init.destination('file');
    expect(await copyBinary(source, target, binaries, async () => {})).toBe(size);
    expect((await readFile(target)).equals(bytes)).toBe(true);
    expect((await stat(target)).mode & 0o7777).toBe(0o751);
  },
);

test('a copy can be stopped halfway', async () => {
  const source = await place(init.volume().source, 'file', Buffer.alloc(1700 * KiB));
  let steps = 0;
  const copying = copyBinary(source, init.destination('file'), binaries, async () => {
    if (++steps === 2) throw new Error('enough');
  });
  await expect(copying).rejects.toThrow('enough');
  expect(await readdir(init.volume().destination)).toEqual([]);
});

test('a file that becomes shorter meanwhile is not copied', async () => {
  const source = await place(init.volume().source, 'file', Buffer.alloc(1700 * KiB));
  const target = init.destination('file');
  const copying = copyBinary(source, target, binaries, async () => truncateSync(source, 600 * KiB));
  await expect(copying).rejects.toThrow(
    `cannot copy ${source} to ${target}: the file is shorter than it was`,
  );
  expect(await readdir(init.volume().destination)).toEqual([]);
});
