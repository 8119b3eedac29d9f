import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';

function lint(expression: string): { status: number | null; output: string } {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'example.ts'), `export const example = () => {\n  ${expression};\n};\n`);
  const biome = join(repository, 'node_modules', '.bin', 'biome');
  const parameters = ['lint', `--config-path=${join(repository, 'biome.json')}`, '--vcs-enabled=false', '.'];
  const { status, stdout, stderr } = spawnSync(biome, parameters, { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

test.each([
  'return Math.random()',
  'return globalThis.Math.random()',
  'const { random } = Math; return random',
])('lint lets nothing depend on chance that has a fixed seed: %s', (expression) => {
  const { status, output } = lint(expression);
  expect(output).toContain('use node:crypto');
  expect(status).toBe(1);
});

test('lint allows the rest of Math', () => {
  expect(lint('return Math.floor(1.5)')).toMatchObject({ status: 0 });
});
