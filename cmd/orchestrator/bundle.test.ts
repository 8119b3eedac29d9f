import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { sharedScratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { repository } from '../../internal/packer/repository.ts';

const bundler = path.join(repository, 'internal', 'packer', 'bundle.ts');

const folder = sharedScratchFolder();
let program: string;

beforeAll(async () => {
  program = path.join(folder.path, 'program');
  const stamps = ['--version', '1.2.3', '--commit', 'abcdef', '--date', '2026-01-02T03:04:05Z'];
  await execa(process.execPath, [bundler, '--out', program, ...stamps]);
});

function run(...argv: string[]) {
  return execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path.join(program, 'main.cjs'), ...argv],
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
    'orchestrator: Unknown command; expected init, override or run-task. See orchestrator --help.',
  );
});

test('ends with 1, and names the path and the kind of failure, when init fails', async () => {
  const missing = path.join(folder.path, 'no-such-directory');
  const { stdout, exitCode } = await run('init', missing, folder.path);
  expect(exitCode).toBe(1);
  expect(stdout).toContain(missing);
  expect(stdout).toMatch(/ code=init retryable=false$/);
});

test('names nothing of the machine that made it', () => {
  for (const file of readdirSync(program)) {
    expect(readFileSync(path.join(program, file), 'utf8')).not.toContain(repository);
  }
});

test('has in the script that is read at every start nothing that only some commands and failures need', () => {
  const first = readdirSync(program).filter((file) => /^(main|chunk-)/.test(file));
  const bytes = first.reduce((sum, file) => sum + statSync(path.join(program, file)).size, 0);
  const all = first.map((file) => readFileSync(path.join(program, file), 'utf8')).join();
  expect(bytes).toBeLessThan(120_000);
  expect(all).not.toMatch(/require\("node:(net|dns|tls|http|child_process)"\)|undici|Commander/);
});

test('says how to make it when it is not told where to', async () => {
  const { stderr, exitCode } = await execa(process.execPath, [bundler], {
    reject: false,
  });
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('usage: bundle.ts --out FOLDER');
});
