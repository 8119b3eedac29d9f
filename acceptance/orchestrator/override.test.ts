import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { executable } from '../../internal/dev/testing/executable.ts';
import { statusField } from '../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { runToEnd, taskLives } from './run-orchestrator.ts';
import {
  type EndedTask,
  fileOnce,
  finish,
  type StartedTask,
  startTask,
  type TaskToRun,
} from './start-task.ts';

/** Starts `override` with a custom entrypoint for a task. */
function startOverride(entrypoint: readonly string[], task: TaskToRun = {}): Promise<StartedTask> {
  const flags = [`--entrypoint=${entrypoint.join(',')}`, ...(task.flags ?? [])];
  return startTask({ command: 'override', ...task, flags });
}

async function overrideToEnd(entrypoint: readonly string[], task: TaskToRun = {}): Promise<EndedTask> {
  return finish(await startOverride(entrypoint, task));
}

describe.each(taskLives)('override, %s,', (life) => {
  test('becomes the entrypoint, which runs the task as the same process', { tags: ['quick'] }, async () => {
    const file = join(scratchFolder(), 'entrypoint');
    const entrypoint = [await buildFakeAgent(), `into=${file}`, 'print=/proc/self/cmdline', 'exec'];
    const task = await overrideToEnd(entrypoint, { life, agent: ['say=the%20task', 'exit=3'] });
    expect(task).toMatchObject({ status: 0, signal: null, calls: ['fail'] });
    const argv = (await readFile(file, 'utf8')).split('\0').slice(0, -1);
    expect(argv).toEqual([...entrypoint, executable, 'run-task', '--health-check-addr=:0']);
    expect(task.stdout).toMatch(/ INFO becoming the custom entrypoint entrypoint=.*exec.*\n/);
    expect(task.stdout).toContain('the task\n');
    expect(task.stdout).toContain('starting orchestrator');
  });

  test('does not log the token of a task that the entrypoint names', async () => {
    const token = 'token-of-this-very-task';
    const entrypoint = [await buildFakeAgent(), `into=${join(scratchFolder(), token)}`, 'exec'];
    const task = await overrideToEnd(entrypoint, { life, config: { token } });
    expect(task.stdout).toMatch(/ INFO becoming the custom entrypoint entrypoint=.*\/\[REDACTED\] exec/);
  });

  test('keeps the PID', async () => {
    const file = join(scratchFolder(), 'entrypoint');
    const entrypoint = [await buildFakeAgent(), `into=${file}`, 'print=/proc/self/stat', 'say=.', 'forever'];
    const { run } = await startOverride(entrypoint, { life });
    const [pid] = (await fileOnce(file, /\./)).split(' ');
    expect(Number(pid)).toBe(life === 'pid 1' ? 1 : run.pid);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'a task under an entrypoint ends by %s like one without',
    async (signal) => {
      const flags = ['--termination-grace-period=0'];
      const task = await startOverride([await buildFakeAgent(), 'exec'], { life, flags, agent: ['forever'] });
      await task.run.printed(/task agent started/);
      task.run.signal(signal);
      expect(await finish(task)).toMatchObject({ status: 0, signal: null, calls: ['fail'] });
    },
  );

  test.each([
    ['does not exist', '/nowhere/entrypoint', /\/nowhere\/entrypoint/],
    ['is nowhere in PATH', 'no-such-entrypoint,-g', /no-such-entrypoint/],
    ['is a directory', '/tmp', /\/tmp/],
    ['is no program', import.meta.filename, /override\.test\.ts/],
  ])('an entrypoint that %s is reported', async (_title, entrypoint, name) => {
    const task = await overrideToEnd([entrypoint], { life });
    expect(task).toMatchObject({ status: 0, signal: null, calls: ['fail'] });
    expect(task.stdout).toMatch(name);
    expect(task.message).toMatch(name);
    expect(task.message).toMatch(/could not be started/);
  });
});

test('an entrypoint that cannot start is handed back with unsafe retries', async () => {
  const config = { enable_unsafe_retries: true };
  expect(await overrideToEnd(['/nowhere'], { config })).toMatchObject({ status: 0, calls: ['unclaim'] });
});

test('an entrypoint that cannot start ends with 1 if that cannot be reported', async () => {
  const answers = { fail: [{ status: 403 }] };
  expect(await overrideToEnd(['/nowhere'], { answers })).toMatchObject({ status: 1 });
});

test.each([' ', '{', '[]', '{"user":1}'])(
  'an entrypoint that cannot start and the configuration %j end with 1',
  async (configText) => {
    expect(await overrideToEnd(['/nowhere'], { configText })).toMatchObject({ status: 1, stderr: '' });
  },
);

test('the entrypoint may come from the environment and is found along PATH', async () => {
  const directory = scratchFolder();
  await writeFile(join(directory, 'my-init'), '#!/bin/sh\necho "init $1 runs" && shift && exec "$@"\n', {
    mode: 0o755,
  });
  const env = { CIRCLECI_GOAT_ENTRYPOINT: 'my-init,-g', PATH: `/nowhere:${directory}:/bin:/usr/bin` };
  const task = await finish(await startTask({ command: 'override', agent: ['say=the%20task'], env }));
  expect(task).toMatchObject({ status: 0 });
  expect(task.stdout).toMatch(/init -g runs\n.*the task\n/s);
});

test('an entrypoint that drops the environment ends with 80, and the line names the entrypoint', async () => {
  const ended = await overrideToEnd(['env', '-i']);
  expect(ended).toMatchObject({ status: 80, calls: [] });
  expect(ended.stderr).toMatch(/^orchestrator: .*configuration is missing.*entrypoint .* environment.*\n$/);
});

test('flags of the command line are passed on, and variables do not become flags', async () => {
  const file = join(scratchFolder(), 'entrypoint');
  const entrypoint = [await buildFakeAgent(), `into=${file}`, 'print=/proc/self/cmdline', 'exit=0'];
  const flags = ['--log-format=json', '--termination-grace-period=1m30s'];
  const env = { CIRCLECI_GOAT_SHUTDOWN_DELAY: '1s' };
  expect((await overrideToEnd(entrypoint, { flags, env })).status).toBe(0);
  const given = (await readFile(file, 'utf8')).split('\0').slice(0, -1);
  const passedOn = given.slice(given.indexOf('run-task') + 1);
  expect(passedOn.map((flag) => flag.split('=')[0]).sort()).toEqual([
    '--health-check-addr',
    '--log-format',
    '--termination-grace-period',
  ]);
  expect(passedOn).toContain('--health-check-addr=:0');
  expect(passedOn).toContain('--log-format=json');
});

test('a duration means the same when it is passed on', { tags: ['timed'] }, async () => {
  const task = await startOverride([await buildFakeAgent(), 'exec'], {
    flags: ['--termination-grace-period=0.5s'],
    agent: ['say=running', 'forever'],
  });
  await task.run.printed(/running/);
  const start = performance.now();
  task.run.signal('SIGTERM');
  expect((await finish(task)).status).toBe(0);
  expect(performance.now() - start).toBeGreaterThanOrEqual(490);
});

test('a comma in an argument is written as \\,', async () => {
  const file = join(scratchFolder(), 'entrypoint');
  const entrypoint = [
    await buildFakeAgent(),
    `into=${file}`,
    'say=a\\,b',
    'print=/proc/self/cmdline',
    'exit=0',
  ];
  expect((await overrideToEnd(entrypoint)).status).toBe(0);
  expect(await readFile(file, 'latin1')).toMatch(/^a,b\n/);
});

test('the environment of the entrypoint is that of the container, byte for byte', {
  tags: ['not-emulated/environment'],
}, async () => {
  const directory = scratchFolder();
  const [file, block] = [join(directory, 'environ'), join(directory, 'block')];
  const entries = [
    'B=2',
    'A=1',
    'B=again',
    '',
    'odd',
    'NODE_OPTIONS=--inspect',
    'LD_PRELOAD=/nowhere.so',
    'CIRCLECI_GOAT_CONFIG={}',
    'Z=\xff\xfe',
  ];
  const bytes = Buffer.from(`${entries.join('\0')}\0`, 'latin1');
  await writeFile(block, bytes);
  const fakeAgent = await buildFakeAgent();
  const through = [fakeAgent, `exec-env=${block}`];
  const entrypoint = [fakeAgent, `into=${file}`, 'print=/proc/self/environ', 'exit=0'];
  expect((await overrideToEnd(entrypoint, { through })).status).toBe(0);
  expect((await readFile(file)).equals(bytes)).toBe(true);
});

test('a configuration from a flag is in no argument list, but reaches the task', async () => {
  const file = join(scratchFolder(), 'entrypoint');
  const fakeAgent = await buildFakeAgent();
  const token = 'token-of-an-overridden-task';
  const config = JSON.stringify({ token, task_agent_path: `${fakeAgent} say=the%20task` });
  const entrypoint = `--entrypoint=${fakeAgent},into=${file},print=/proc/self/cmdline,exec`;
  const args = ['override', '--health-check-addr=:0', entrypoint, `--config=${config}`];
  const result = await runToEnd(args, { secrets: [token] });
  expect(result.status).toBe(0);
  expect(result.stdout).toContain('the task\n');
  expect(await readFile(file, 'latin1')).not.toContain(token);
});

test('the entrypoint has the descriptors, dispositions and limits of the container', async () => {
  const file = join(scratchFolder(), 'entrypoint');
  const fakeAgent = await buildFakeAgent();
  const verbs = [
    'print-fds',
    'print=/proc/self/status',
    'print=/proc/self/limits',
    'print=/proc/self/oom_score_adj',
    'exit=0',
  ];
  const through = ['prlimit', '--nofile=777:5000', fakeAgent, 'ignore=1,5,6,40', 'exec'];
  expect((await overrideToEnd([fakeAgent, `into=${file}`, ...verbs], { through })).status).toBe(0);
  const report = await readFile(file, 'utf8');
  const descriptors = (text: string) => text.match(/^\d+ ->/gm);
  const { stdout: without } = await runToEnd(['print-fds'], { program: fakeAgent });
  expect(descriptors(report)).toEqual(descriptors(without));
  const signals = (1n << 0n) | (1n << 4n) | (1n << 5n) | (1n << 39n);
  expect(BigInt(`0x${statusField(report, 'SigIgn')}`)).toBe(signals);
  expect(statusField(report, 'SigCgt')).toBe('0'.repeat(16));
  expect(report).toMatch(/Max open files\s+777\s+5000/);
  expect(report.trimEnd().split('\n').at(-1)).toBe(
    (await readFile('/proc/self/oom_score_adj', 'utf8')).trim(),
  );
});

const hasTini = (() => {
  try {
    return execFileSync('tini', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

test.runIf(hasTini)('tini,-g,-- works', async () => {
  const task = await overrideToEnd(['tini', '-g', '--'], { life: 'pid 1', agent: ['exit=3'] });
  expect(task).toMatchObject({ status: 0, calls: ['fail'] });
});
