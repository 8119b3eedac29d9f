import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

let directory: string;
let bundle: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'bundle-'));
  bundle = path.join(directory, 'orchestrator.cjs');
  const stamps = ['--version', '1.2.3', '--commit', 'abcdef', '--date', '2026-01-02T03:04:05Z'];
  await execa(process.execPath, [path.join(import.meta.dirname, 'bundle.ts'), '--out', bundle, ...stamps]);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function run(...argv: string[]) {
  return execa(process.execPath, ['--disable-warning=ExperimentalWarning', bundle, ...argv], {
    reject: false,
  });
}

test('is one file that knows its version', async () => {
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

test('ends with 1, and names the path, when init fails', async () => {
  const missing = path.join(directory, 'no-such-directory');
  const { stdout, exitCode } = await run('init', missing, directory);
  expect(exitCode).toBe(1);
  expect(stdout).toContain(missing);
});

test('names nothing of the machine that made it', () => {
  expect(readFileSync(bundle, 'utf8')).not.toContain(path.join(import.meta.dirname, '..'));
});

test('says how to make it when it is not told where to', async () => {
  const { stderr, exitCode } = await execa(process.execPath, [path.join(import.meta.dirname, 'bundle.ts')], {
    reject: false,
  });
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('usage: bundle.ts --out FILE');
});
