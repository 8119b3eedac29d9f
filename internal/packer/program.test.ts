import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';

test('a program is loaded from a path with characters that have a meaning in URLs', async () => {
  const folder = join(scratchFolder(), 'a %41 #b?');
  mkdirSync(folder);
  writeFileSync(join(folder, 'program.ts'), "export const program = { name: 'it' };\n");
  const module = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'program.ts')));
  const load = `import { loadProgram } from ${module}; console.log((await loadProgram(process.argv[1])).name)`;
  const argv = ['--input-type=module', '--eval', load, join(folder, 'program.ts')];
  expect((await execa(process.execPath, argv)).stdout).toBe('it');
});
