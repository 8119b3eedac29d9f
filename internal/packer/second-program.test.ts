import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratchFolder, sharedScratchFolder } from '../dev/testing/scratch-folder.ts';
import { hostArchitecture } from './architecture.ts';
import { buildProgram } from './build-program.ts';
import { compileLauncher } from './compile.ts';
import { program } from './fixtures/second-program/program.ts';

const stamp = { version: '1.2.3', commit: 'none', date: 'unknown' };
const folder = sharedScratchFolder();
let executable: string;

beforeAll(async () => {
  // The file has another name than the program, which has to know its own name anyway.
  executable = join(folder.path, 'renamed');
  await buildProgram(program, hostArchitecture(), stamp, executable);
});

function run(command: readonly string[], argv0?: string) {
  const [file = '', ...parameters] = command;
  const { status, stdout, stderr } = spawnSync(file, parameters, { encoding: 'utf8', argv0 });
  return { status, stdout, stderr };
}

const report = {
  version: '1.2.3',
  arguments: ['--config', 'no-secret'],
  commandLine: ['--config', 'no-secret'],
  options: ['--disable-sigusr1', '--disable-warning=ExperimentalWarning'],
  imported: 'found',
};

test('a program runs with its own options, and V8 accepts its code cache, whatever the seed is', () => {
  const { status, stdout, stderr } = run([executable, ...report.arguments]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual(report);
});

test('a message has the name of the program', () => {
  const limited = ['sh', '-c', 'ulimit -v 100000; exec "$0"', executable];
  expect(run(limited)).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^second-program: cannot start with so little address space; .*\n$/),
  });
});

test('a message about a damaged file has the name of the program', () => {
  const damaged = join(scratchFolder(), 'damaged');
  copyFileSync(executable, damaged);
  truncateSync(damaged, 1_000_000);
  expect(run([damaged])).toEqual({
    status: 1,
    stdout: '',
    stderr: `second-program: there is no table of contents at the end of ${damaged}; the copy is incomplete or damaged: copy it again\n`,
  });
});

test.each(['second-program-exec', 'orchestrator-exec'])(
  'started as %s, it is not the first step of a child',
  (name) => {
    const { status, stdout } = run([executable], name);
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, imported: 'found' });
  },
);

test('the launcher of a program without children has no code for their first step', async () => {
  const text = 'a child cannot be started';
  const launcher = async (startsChildren: boolean) =>
    readFileSync(
      await compileLauncher({ name: 'second-program', startsChildren, nodeOptions: [] }, hostArchitecture()),
      'latin1',
    );
  expect(await launcher(true)).toContain(text);
  expect(await launcher(false)).not.toContain(text);
});
