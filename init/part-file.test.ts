import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createVolume } from './fixtures/volume.ts';
import { removePartFiles, replaceFile } from './part-file.ts';

test('two runs that clean up at once remove each left-over and have no errors', async () => {
  await using volume = await createVolume();
  const names = Array.from({ length: 50 }, (_, index) => `.orchestrator-init-part.circleci.${index}`);
  for (const name of names) await writeFile(join(volume.destination, name), '');
  const both = await Promise.all([removePartFiles(volume.destination), removePartFiles(volume.destination)]);
  expect(both.flatMap(({ removed }) => removed).toSorted()).toEqual(names.toSorted());
  expect(both.flatMap(({ errors }) => errors)).toEqual([]);
});

test('a file whose part is always taken away ends with the error of the last attempt', async () => {
  await using volume = await createVolume();
  const parts: string[] = [];
  const run = replaceFile(join(volume.destination, 'file'), async (part) => void parts.push(part));
  await expect(run).rejects.toMatchObject({ code: 'ENOENT', syscall: 'rename' });
  expect(new Set(parts).size).toBe(8);
  expect(await readdir(volume.destination)).toEqual([]);
});
