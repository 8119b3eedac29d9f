import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../packer/bundle.ts';
import { loadPrograms, type Program } from '../../packer/program.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';

const neverShips = /^internal\/(dev|packer)\/|\.test\.ts$|\/program\.ts$/;

async function sourcesIn(program: Program): Promise<string[]> {
  const folder = join(scratchFolder(), 'program');
  const stamp = { version: 'dev', commit: 'none', date: 'unknown' };
  const bundles = await Promise.all(
    program.platforms.map((platform) => bundle(program, platform, stamp, join(folder, platform))),
  );
  return bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs));
}

test.each(await loadPrograms())('$name ships without code that only builds or tests it', async (program) => {
  const sources = await sourcesIn(program);
  expect(sources).toContain(program.entry);
  expect(sources.filter((file) => neverShips.test(file))).toEqual([]);
});

test('code that would ship by mistake is found', async () => {
  const [program] = await loadPrograms();
  if (program === undefined) throw new Error('there is no program');
  const sources = await sourcesIn({
    ...program,
    entry: 'internal/dev/testing/wait-for.ts',
    platforms: ['linux'],
  });
  expect(sources.filter((file) => neverShips.test(file))).toEqual(['internal/dev/testing/wait-for.ts']);
});
