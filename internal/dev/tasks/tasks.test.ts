import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';

const tasks = (await runDo('list')).split('\n');

function runDo(...argv: string[]): Promise<string> {
  return execa('./do', argv, { cwd: repository }).then(({ stdout }) => stdout);
}

test.each(tasks)('%s is explained, and not run, if --help or -h is its only argument', async (task) => {
  const explanation = await runDo('help', task);
  expect(explanation).not.toBe('');
  expect(await runDo(task, '--help')).toBe(explanation);
  expect(await runDo(task, '-h')).toBe(explanation);
});

test('help for a task that does not exist is an error', async () => {
  const { exitCode, stderr } = await execa('./do', ['tset', '--help'], { cwd: repository, reject: false });
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "do: there is no task 'tset'; see ./do help" });
});

test.each([
  ['all tests passed', ' Tests  2 passed (2)', 0, 0, 'passed'],
  ['a test failed', ' Tests  1 failed | 1 passed (2)', 1, 1, 'FAILED'],
  ['every test was skipped', ' Tests  2 skipped (2)', 0, 1, 'FAILED'],
  ['vitest only printed its help', 'Usage: vitest', 0, 1, 'FAILED'],
])('a repeated run in which %s counts as that', async (_case, output, status, exitCode, outcome) => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'target/repeated'), { recursive: true });
  writeFileSync(join(folder, 'vitest'), `#!/bin/sh\necho '${output}'\nexit ${status}\n`, { mode: 0o755 });
  const script = `source "$1/lib.sh"; source "$1/test-repeatedly.sh"; PATH=$PWD:$PATH; run_repeatedly 1 quiet`;
  const argv = ['-euc', script, 'bash', join(repository, 'internal/dev/tasks')];
  const run = await execa('bash', argv, { cwd: folder, reject: false });
  expect(run.stdout).toMatch(new RegExp(`^run 1 of 1, quiet, seed \\d+: ${outcome}, \\d+ s: `));
  expect(run.exitCode).toBe(exitCode);
});
