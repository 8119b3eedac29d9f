import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';
import { bundle, scriptOf } from './bundle.ts';
import { program } from './fixtures/second-program/program.ts';

const stamp = { version: 'dev', commit: 'none', date: 'unknown' };

test('only modules that are imported on demand have their own scripts', async () => {
  const bundled = await bundle(program, 'linux', stamp, join(scratchFolder(), 'program'));
  const script = scriptOf(bundled, 'internal/packer/fixtures/second-program/imported.ts');
  expect(script).toMatch(/^imported-\w+\.cjs$/);
  expect(existsSync(join(bundled.folder, script))).toBe(true);
  expect(() => scriptOf(bundled, 'internal/version.ts')).toThrow(
    'internal/version.ts is not in a script of its own: nobody import()s it',
  );
});
