import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { command, type InitReport } from './fixtures/in-namespace.ts';
import { createVolume } from './fixtures/volume.ts';
import { replaceFile } from './part-file.ts';

test('two runs that clean up at once remove each left-over and have no errors', async () => {
  const volume = await createVolume();
  const names = Array.from({ length: 500 }, (_, index) => `.orchestrator-init-part.old.${index}`);
  for (const name of names) await writeFile(join(volume.destination, name), '');
  const runs = await Promise.all([1, 2].map(() => execa(...command(volume))));
  const reports = runs.map(({ stdout }): InitReport => JSON.parse(stdout));
  const events = reports.flatMap(({ events }) => events);
  expect(reports.map(({ failure }) => failure)).toEqual(['', '']);
  expect(events.filter(({ level }) => level === 'warn')).toEqual([]);
  const removed = events.flatMap(({ fields }) => (fields.file === undefined ? [] : [String(fields.file)]));
  expect(removed.filter((name) => names.includes(name)).toSorted()).toEqual(names.toSorted());
});

test('fails with the error of the last attempt if the part file is removed every time', async () => {
  const volume = await createVolume();
  const parts: string[] = [];
  const run = replaceFile(join(volume.destination, 'file'), async (part) => void parts.push(part));
  await expect(run).rejects.toMatchObject({ code: 'ENOENT', syscall: 'rename' });
  expect(new Set(parts).size).toBe(8);
  expect(await readdir(volume.destination)).toEqual([]);
});
