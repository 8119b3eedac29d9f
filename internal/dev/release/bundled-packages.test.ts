import { expect, test } from 'vitest';
import { program } from '../../../cmd/orchestrator/program.ts';
import { bundledPackages, bundleOnce } from './bundled-packages.ts';

test('finds the packages whose code is in the bundle, and none that is only used for development', async () => {
  const names = (await bundledPackages()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['commander', 'pino', 'undici']));
  expect(names).not.toContain('vitest');
  expect(names).not.toContain('esbuild');
});

test('has the program in its built form, with its stamp', async () => {
  const { texts } = await bundleOnce(program, 'linux', {
    version: '1.2.3-test',
    commit: 'c0ffee',
    date: '2026-01-02T03:04:05Z',
  });
  expect(
    ['1.2.3-test', 'c0ffee', '2026-01-02T03:04:05Z'].filter((part) => !texts.join().includes(part)),
  ).toEqual([]);
});
