import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../internal/packer/repository.ts';
import { notEmulated } from './not-emulated.ts';

test.each(notEmulated)('$name marks a test', ({ name }) => {
  const files = globSync('**/*.ts', { cwd: import.meta.dirname, exclude: ['not-emulated.ts'] });
  const marking = files.filter((file) => {
    return readFileSync(join(import.meta.dirname, file), 'utf8').includes(`'${name}'`);
  });
  expect(marking).not.toEqual([]);
});

test('the documentation has this list', () => {
  const page = readFileSync(join(repository, 'docs', 'arm64.md'), 'utf8');
  const rows = notEmulated.map(({ name, description }) => `| \`${name}\` | ${description} |`);
  expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
});
