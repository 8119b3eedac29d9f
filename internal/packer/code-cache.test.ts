import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';

const compiler = join(import.meta.dirname, 'code-cache.cjs');

const methods = Array.from({ length: 1000 }, (_, i) => `f${i}() { return () => 'constant ${i}'; }`);
const source = `(function () { return { ${methods.join(',\n')} }; })`;

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** A shell command that is run before. */
  readonly before?: string;
}

/** The cache of the second of two scripts. */
async function makeCache(folder: string, { env, before = 'true' }: Surroundings = {}): Promise<Buffer> {
  mkdirSync(join(folder, 'scripts'), { recursive: true });
  for (const name of ['a.cjs', 'b.cjs']) writeFileSync(join(folder, 'scripts', name), source);
  const command = [process.execPath, '--random-seed=1', compiler, 'scripts'];
  await execa('sh', ['-c', `${before}; exec "$@"`, 'sh', ...command], {
    cwd: folder,
    env: { ...env },
    extendEnv: false,
  });
  return readFileSync(join(folder, 'scripts', 'b.cjs.cache'));
}

test('a cache has every function, including those that were never called', async () => {
  const cache = await makeCache(scratchFolder());
  expect(methods.filter((_, i) => !cache.includes(`constant ${i}`))).toEqual([]);
});

test('V8 accepts a cache for its own script', async () => {
  const cachedData = await makeCache(scratchFolder());
  const script = new Script(source, { filename: 'b.cjs', cachedData });
  expect(script.cachedDataRejected).toBe(false);
  expect(script.runInThisContext()().f7()()).toBe('constant 7');
});

test.each<[string, Surroundings]>([
  ['in another time zone', { env: { TZ: 'Pacific/Auckland' } }],
  ['in another language', { env: { LC_ALL: 'tr_TR.UTF-8' } }],
  ['with another umask', { before: 'umask 077' }],
  ['by a process of low priority', { before: 'renice -n 15 $$ >/dev/null' }],
])('the same scripts give the same cache in another folder %s', async (_title, surroundings) => {
  const first = await makeCache(scratchFolder());
  const second = await makeCache(join(scratchFolder(), 'a', 'longer', 'path'), surroundings);
  expect(second.equals(first)).toBe(true);
});
