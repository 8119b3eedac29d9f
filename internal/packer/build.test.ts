import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';
import { repository } from './repository.ts';

const program = '--program=internal/packer/fixtures/second-program/program.ts';

test.each([
  ['there is no target', [program], "required option '--target <TARGET>' not specified"],
  ['there is no such target', [program, '--target=riscv64'], 'Allowed choices are amd64, arm64, windows.'],
  ['the program is for another platform', [program, '--target=windows'], 'second-program is not for windows'],
  ['a module exports no program', ['--program=internal/version.ts', '--target=amd64'], 'exports no program'],
])('builds nothing, and says why, when %s', (_title, parameters, message) => {
  const out = join(scratchFolder(), 'out');
  const command = [join(import.meta.dirname, 'build.ts'), `--out=${out}`, ...parameters];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: repository, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(message) });
});
