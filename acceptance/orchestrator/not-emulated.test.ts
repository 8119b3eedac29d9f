import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { notEmulated, renderNotEmulated } from './not-emulated.ts';

test('the files that tests are left out of exist', () => {
  const files = notEmulated.flatMap(({ tests }) => Object.keys(tests));
  expect(files.filter((file) => !existsSync(join(import.meta.dirname, file)))).toEqual([]);
});

test('the documentation has this list', async () => {
  await expect(renderNotEmulated()).toMatchFileSnapshot('../docs/arm64.md');
});
