import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';

/** Lets a process of its own become a program. */
function become(...entrypoint: string[]) {
  const fixture = join(import.meta.dirname, 'fixtures/become.ts');
  return execa(process.execPath, ['--disable-warning=ExperimentalWarning', fixture, ...entrypoint], {
    reject: false,
    timeout: 60_000,
  });
}

describe('the entrypoint', () => {
  test('is this process from now on, with the command behind its own arguments', async () => {
    const subprocess = become('sh', '-c', 'echo $$; printf "%s|" "$0" "$@"; exit 9', 'own name', '', 'b c');
    const { stdout, exitCode } = await subprocess;
    expect(stdout).toBe(`${subprocess.pid}\nown name||b c|/orchestrator|run-task|--log-format=json|ä|`);
    expect(exitCode).toBe(9);
  });

  test('has the whole environment, byte for byte, the configuration included', async () => {
    const { stdout } = await become(
      process.execPath,
      '-p',
      'fs.readFileSync("/proc/self/environ").toString("base64")',
    );
    expect(Buffer.from(stdout, 'base64').toString('latin1')).toBe(
      'PATH=/usr/bin:/bin\0B=\xff\0CIRCLECI_GOAT_CONFIG={"token":"Sesame"}\0A=1\0A=2\0',
    );
  });

  test('has the signals and limits that this process was started with', async () => {
    const { stdout } = await become('sh', '-c', 'exec cat /proc/self/status /proc/self/limits');
    expect(stdout).toContain('SigBlk:\t0000000000000000\n');
    expect(stdout).toContain('SigIgn:\t0000000200000001\n');
    expect(stdout).toContain('SigCgt:\t0000000000000000\n');
    expect(stdout).toMatch(/^Max open files +123 +456 /m);
  });

  test('has no descriptor that this process has opened', async () => {
    const list = ['-c', 'exec ls /proc/self/fd'];
    const { stdout } = await become('sh', ...list);
    expect(stdout).toBe((await execa('sh', list)).stdout);
  });
});

describe('an entrypoint that cannot be executed', () => {
  test.each([
    ['no-such-program', '"no-such-program" is not an executable file in any directory of PATH.'],
    ['/no/such/program', '/no/such/program does not exist (ENOENT).'],
    ['tini -g --', 'PATH. The parts of --entrypoint are separated by commas alone, as in tini,-g,--.'],
    ['["tini"', 'PATH. The parts of --entrypoint are separated by commas alone, as in tini,-g,--.'],
    ['/', '/ is a directory, not a program (EACCES).'],
    [
      'text',
      'is not a program for this machine: wrong format or architecture, or a script without a #! line (ENOEXEC).',
    ],
    [
      'orphan',
      'cannot be executed: the interpreter or loader that it names, /no/such/interpreter, is not in this image (ENOENT).',
    ],
  ])('is a failure that says why, and signals are heard as before: %s', async (program, reason) => {
    const files: Readonly<Record<string, string>> = { text: 'true\n', orphan: '#!/no/such/interpreter\n' };
    const content = files[program];
    const file = join(scratchFolder(), program);
    if (content !== undefined) {
      writeFileSync(file, content);
      chmodSync(file, 0o755);
    }
    const { stdout } = await become(content === undefined ? program : file);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ code: 'entrypoint-start', heard: 1 });
    expect(result.message).toMatch(/^The custom entrypoint could not be started: /);
    expect(result.message).toContain(reason);
  });
});
