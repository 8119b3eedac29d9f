import { execa } from 'execa';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';

test.each([
  ['that no test has', 'no such title', 1, 'No test has a title that matches /no such title/.'],
  ['that a test has', 'taks_id', 0, ''],
])('a run with a title %s ends with its status', async (_case, title, exitCode, message) => {
  const argv = ['run', '--project=unit', 'internal/nearest.test.ts', '-t', title];
  const run = await execa('node_modules/.bin/vitest', argv, { cwd: repository, reject: false });
  expect(run.exitCode).toBe(exitCode);
  expect(run.stdout + run.stderr).toContain(message);
});
