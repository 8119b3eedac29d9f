import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { executable } from '../../internal/dev/testing/executable.ts';
import { statusField } from '../../internal/dev/testing/proc.ts';
import { type RunOptions, runOrchestrator, runToEnd } from '../../internal/dev/testing/run-orchestrator.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { fileOnce, lives, startApi } from './start-task.ts';

const health = '--health-check-addr=127.0.0.1:0';

interface OverrideOptions extends RunOptions {
  readonly agent?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A runner API, and the environment that has a configuration for it. */
async function prepare({ agent = [], config = {}, env = {} }: OverrideOptions = {}) {
  const api = await startApi();
  const token = 'token-of-an-overridden-task';
  const fields = {
    task_id: 'task-1',
    token,
    allocation: 'allocation-1',
    runner_api_base_url: api.url,
    task_agent_path: [await buildFakeAgent(), ...agent].join(' '),
    ...config,
  };
  const options = { env: { CIRCLECI_GOAT_CONFIG: JSON.stringify(fields), ...env }, secrets: [token] };
  return { api, token, options };
}

describe.each(lives)('override, %s,', (life) => {
  test('becomes the entrypoint, which runs the task as the same process', { tags: ['quick'] }, async () => {
    const file = join(scratchFolder(), 'entrypoint');
    const { api, options } = await prepare({ agent: ['say=the%20task', 'exit=3'] });
    const entrypoint = [await buildFakeAgent(), `into=${file}`, 'print=/proc/self/cmdline', 'exec'];
    const run = await runOrchestrator(['override', health, `--entrypoint=${entrypoint.join(',')}`], {
      ...options,
      life,
    });
    expect(await run.ended).toEqual({ status: 0, signal: null });
    const argv = (await readFile(file, 'utf8')).split('\0').slice(0, -1);
    expect(argv).toEqual([...entrypoint, executable, 'run-task', health]);
    expect(run.stdout).toContain('the task\n');
    expect(run.stdout).toContain('starting orchestrator');
    expect(api.requests.map(({ call }) => call)).toEqual(['fail']);
  });

  test('keeps the PID', async () => {
    const file = join(scratchFolder(), 'entrypoint');
    const { options } = await prepare();
    const entrypoint = `${await buildFakeAgent()},into=${file},print=/proc/self/stat,say=.,forever`;
    const run = await runOrchestrator(['override', health, `--entrypoint=${entrypoint}`], {
      ...options,
      life,
    });
    const [pid] = (await fileOnce(file, /\./)).split(' ');
    expect(Number(pid)).toBe(life === 'pid 1' ? 1 : run.pid);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'a task under an entrypoint ends by %s as without one',
    async (signal) => {
      const { api, options } = await prepare({ agent: ['forever'] });
      const args = [
        'override',
        health,
        '--termination-grace-period=0',
        `--entrypoint=${await buildFakeAgent()},exec`,
      ];
      const run = await runOrchestrator(args, { ...options, life });
      await run.printed(/task agent started/);
      run.signal(signal);
      expect(await run.ended).toEqual({ status: 0, signal: null });
      expect(api.requests.map(({ call }) => call)).toEqual(['fail']);
    },
  );

  test.each([
    ['does not exist', '/nowhere/entrypoint', /\/nowhere\/entrypoint/],
    ['is nowhere in PATH', 'no-such-entrypoint,-g', /no-such-entrypoint/],
    ['is a directory', '/tmp', /\/tmp/],
    ['is no program', join(import.meta.dirname, 'testdata', 'help.txt'), /help\.txt/],
  ])('an entrypoint that %s is reported', async (_title, entrypoint, name) => {
    const { api, options } = await prepare();
    const result = await runToEnd(['override', health, `--entrypoint=${entrypoint}`], { ...options, life });
    expect(result).toMatchObject({ status: 0, signal: null });
    expect(result.stdout).toMatch(name);
    expect(api.requests.map(({ call }) => call)).toEqual(['fail']);
    expect(api.requests[0]?.message).toMatch(name);
    expect(api.requests[0]?.message).toMatch(/could not be started/);
  });
});

test('an entrypoint that cannot start is handed back with unsafe retries', async () => {
  const { api, options } = await prepare({ config: { enable_unsafe_retries: true } });
  expect(await runToEnd(['override', '--entrypoint=/nowhere'], options)).toMatchObject({ status: 0 });
  expect(api.requests.map(({ call }) => call)).toEqual(['unclaim']);
});

test('an entrypoint that cannot start and nobody to tell end with 1', async () => {
  const { api, options } = await prepare();
  api.answer('fail', [{ status: 403 }]);
  expect(await runToEnd(['override', '--entrypoint=/nowhere'], options)).toMatchObject({ status: 1 });
});

test.each(['', '{', '[]', '{"user":1}'])(
  'an entrypoint that cannot start and the configuration %j end with 1',
  async (text) => {
    const env = { CIRCLECI_GOAT_CONFIG: text };
    expect(await runToEnd(['override', '--entrypoint=/nowhere'], { env })).toMatchObject({
      status: 1,
      stderr: '',
    });
  },
);

test('the entrypoint may come from the environment and is found along PATH', async () => {
  const directory = scratchFolder();
  await writeFile(join(directory, 'my-init'), '#!/bin/sh\necho "init $1 runs" && shift && exec "$@"\n', {
    mode: 0o755,
  });
  const env = {
    CIRCLECI_GOAT_ENTRYPOINT: 'my-init,-g',
    PATH: `/nowhere:${directory}:/bin:/usr/bin`,
    CIRCLECI_GOAT_HEALTH_CHECK_ADDR: '127.0.0.1:0',
  };
  const { options } = await prepare({ agent: ['say=the%20task'], env });
  const result = await runToEnd(['override'], options);
  expect(result).toMatchObject({ status: 0 });
  expect(result.stdout).toMatch(/init -g runs\n.*the task\n/s);
});

test('flags of the command line go on, variables do not become flags', async () => {
  const file = join(scratchFolder(), 'entrypoint');
  const { options } = await prepare({ env: { CIRCLECI_GOAT_SHUTDOWN_DELAY: '1s' } });
  const entrypoint = `--entrypoint=${await buildFakeAgent()},into=${file},print=/proc/self/cmdline,exit=0`;
  const flags = ['--log-format=json', health, '--termination-grace-period=1m30s'];
  expect((await runToEnd(['override', entrypoint, ...flags], options)).status).toBe(0);
  const given = (await readFile(file, 'utf8')).split('\0').slice(0, -1);
  const passedOn = given.slice(given.indexOf('run-task') + 1);
  expect(passedOn.map((flag) => flag.split('=')[0]).sort()).toEqual(
    flags.map((flag) => flag.split('=')[0]).sort(),
  );
  expect(passedOn).toContain(health);
  expect(passedOn).toContain('--log-format=json');
});

test('a duration means the same when it is passed on', async () => {
  const { options } = await prepare({ agent: ['say=running', 'forever'] });
  const entrypoint = `--entrypoint=${await buildFakeAgent()},exec`;
  const run = await runOrchestrator(
    ['override', entrypoint, health, '--termination-grace-period=0.5s'],
    options,
  );
  await run.printed(/running/);
  const start = performance.now();
  run.signal('SIGTERM');
  expect((await run.ended).status).toBe(0);
  expect(performance.now() - start).toBeGreaterThanOrEqual(490);
});

test('a comma in an argument is written as \\,', async () => {
  const file = join(scratchFolder(), 'entrypoint');
  const { options } = await prepare();
  const entrypoint = `--entrypoint=${await buildFakeAgent()},into=${file},say=a\\,b,print=/proc/self/cmdline,exit=0`;
  expect((await runToEnd(['override', entrypoint], options)).status).toBe(0);
  expect(await readFile(file, 'latin1')).toMatch(/^a,b\n/);
});

test('the environment of the entrypoint is that of the container, byte for byte', async () => {
  const directory = scratchFolder();
  const [file, block] = [join(directory, 'environ'), join(directory, 'block')];
  const { options } = await prepare();
  const own = `CIRCLECI_GOAT_CONFIG=${options.env.CIRCLECI_GOAT_CONFIG}`;
  const entries = [
    'B=2',
    'A=1',
    'B=again',
    '',
    'odd',
    'NODE_OPTIONS=--inspect',
    'LD_PRELOAD=/nowhere.so',
    own,
    'Z=\xff\xfe',
  ];
  const bytes = Buffer.from(`${entries.join('\0')}\0`, 'latin1');
  await writeFile(block, bytes);
  const fakeAgent = await buildFakeAgent();
  const entrypoint = `--entrypoint=${fakeAgent},into=${file},print=/proc/self/environ,exit=0`;
  const through = [fakeAgent, `exec-env=${block}`];
  expect((await runToEnd(['override', entrypoint], { ...options, through })).status).toBe(0);
  expect((await readFile(file)).equals(bytes)).toBe(true);
});

test('a configuration that is a flag is in no argument list, but reaches the task', async () => {
  const file = join(scratchFolder(), 'entrypoint');
  const { options, token } = await prepare({ agent: ['say=the%20task'] });
  const entrypoint = `--entrypoint=${await buildFakeAgent()},into=${file},print=/proc/self/cmdline,exec`;
  const { CIRCLECI_GOAT_CONFIG: config } = options.env;
  const result = await runToEnd(['override', health, entrypoint, `--config=${config}`], { secrets: [token] });
  expect(result.status).toBe(0);
  expect(result.stdout).toContain('the task\n');
  expect(await readFile(file, 'latin1')).not.toContain(token);
});

test('the entrypoint has the descriptors, dispositions and limits of the container', async () => {
  const file = join(scratchFolder(), 'entrypoint');
  const { options } = await prepare();
  const fakeAgent = await buildFakeAgent();
  const verbs = [
    'print-fds',
    'print=/proc/self/status',
    'print=/proc/self/limits',
    'print=/proc/self/oom_score_adj',
    'exit=0',
  ];
  const entrypoint = `--entrypoint=${[fakeAgent, `into=${file}`, ...verbs].join(',')}`;
  const through = ['prlimit', '--nofile=777:5000', fakeAgent, 'ignore=1,40', 'exec'];
  expect((await runToEnd(['override', entrypoint], { ...options, through })).status).toBe(0);
  const report = await readFile(file, 'utf8');
  const descriptors = (text: string) => text.match(/^\d+ ->/gm);
  const { stdout: without } = await runToEnd(['print-fds'], { program: fakeAgent });
  expect(descriptors(report)).toEqual(descriptors(without));
  const signals = (1n << 0n) | (1n << 39n);
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
  const { api, options } = await prepare({ agent: ['exit=3'] });
  const result = await runToEnd(['override', health, '--entrypoint=tini,-g,--'], {
    ...options,
    life: 'pid 1',
  });
  expect(result.status).toBe(0);
  expect(api.requests.map(({ call }) => call)).toEqual(['fail']);
});
