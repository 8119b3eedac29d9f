import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { sharedScratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { bundle } from '../../internal/packer/bundle.ts';
import { repository } from '../../internal/packer/repository.ts';
import { program } from './program.ts';

const stamp = { version: '1.2.3', commit: 'abcdef', date: '2026-01-02T03:04:05Z' };
const scratch = sharedScratchFolder();
let folder: string;

beforeAll(async () => {
  folder = join(scratch.path, 'program');
  await bundle(program, 'linux', stamp, folder);
});

function run(...argv: string[]) {
  return execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(folder, 'main.cjs'), ...argv],
    {
      reject: false,
    },
  );
}

test('knows its version', async () => {
  const { stdout, exitCode } = await run('--version');
  expect({ stdout, exitCode }).toEqual({
    stdout: 'orchestrator 1.2.3 (commit abcdef, built 2026-01-02T03:04:05Z)',
    exitCode: 0,
  });
});

test('says a usage error on one line of stderr and ends with 80', async () => {
  const { stdout, stderr, exitCode } = await run('no-such-command');
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 80 });
  expect(stderr).toBe(
    'orchestrator: Unknown command "no-such-command"; expected init, override or run-task. See orchestrator --help.',
  );
});

test('ends with 1, and names the path and the kind of failure, when init fails', async () => {
  const missing = join(scratch.path, 'no-such-directory');
  const { stdout, exitCode } = await run('init', missing, scratch.path);
  expect(exitCode).toBe(1);
  expect(stdout).toContain(missing);
  expect(stdout).toMatch(/ code=init retryable=false$/);
});

test('does not mention the machine that built it', () => {
  for (const file of readdirSync(folder)) {
    expect(readFileSync(join(folder, file), 'utf8')).not.toContain(repository);
  }
});

test('makes the calls of a task, and contains no other', () => {
  const scripts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const paths = scripts.join().match(/\/api\/v\d\/[a-z/]+/g);
  expect(new Set(paths)).toEqual(new Set(['/api/v3/runner/unclaim', '/api/v2/task/event/fail']));
});

test('keeps code that only some commands and failures need out of the script that every start reads', () => {
  const first = readdirSync(folder).filter((file) => /^(main|chunk-)/.test(file));
  const bytes = first.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  const all = first.map((file) => readFileSync(join(folder, file), 'utf8')).join();
  expect(bytes).toBeLessThan(120_000);
  expect(all).not.toMatch(/require\("node:(net|dns|tls|http|child_process)"\)|undici|Commander/);
});
