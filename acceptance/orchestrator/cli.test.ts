import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { repository } from '../../internal/packer/repository.ts';
import { runToEnd } from './run-orchestrator.ts';
import { finish, startTask } from './start-task.ts';

const secret = 'a-secret-that-nobody-may-see';
const CIRCLECI_GOAT_CONFIG = JSON.stringify({ token: secret });
/** One line on stderr, nothing on stdout, status 80. */
const usageError = {
  status: 80,
  signal: null,
  stdout: '',
  stderr: expect.stringMatching(/^orchestrator: [^\n]+\n$/),
};

test.each([
  ['help', ['--help']],
  ['help', ['-h']],
  ['help-init', ['init', '--help']],
  ['help-run-task', ['run-task', '--help']],
  ['help-override', ['override', '-h']],
])('%s.txt is what %j prints', async (name, args) => {
  const golden = await readFile(join(repository, 'cmd', 'orchestrator', 'testdata', `${name}.txt`), 'utf8');
  expect(await runToEnd(args)).toEqual({ status: 0, signal: null, stdout: golden, stderr: '' });
});

test('help shows neither the hidden option nor values of the environment', async () => {
  const env = { CIRCLECI_GOAT_CONFIG, CIRCLECI_GOAT_SHUTDOWN_DELAY: '7s' };
  const { stdout } = await runToEnd(['run-task', '--help'], { env });
  expect(stdout).not.toMatch(/--config|7s/);
  expect(stdout).not.toContain(secret);
});

test.each(['--version', '-v'])('%s prints one line and ends with 0', async (flag) => {
  const result = await runToEnd([flag]);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  expect(result.stdout).toMatch(/^orchestrator \S+ \(commit \S+, built \S+\)\n$/);
});

test('help and version work for PID 1', async () => {
  expect(await runToEnd(['--version'], { life: 'pid 1' })).toMatchObject({ status: 0 });
});

test('an empty configuration counts as unset', async () => {
  expect(await runToEnd(['run-task'], { env: { CIRCLECI_GOAT_CONFIG: '' } })).toEqual(usageError);
});

test('a usage error is JSON if that is asked for', async () => {
  const result = await runToEnd(['run-task', '--log-format=json', '--frobnicate']);
  expect(result).toMatchObject({ status: 80, stdout: '' });
  expect(JSON.parse(result.stderr)).toMatchObject({
    level: 'error',
    code: 'usage',
    msg: 'Unknown option --frobnicate. See orchestrator --help.',
  });
});

describe('usage errors say what is wrong in one line and end with 80:', () => {
  test.each([
    ['an unknown command', ['frobnicate'], /command/],
    ['an unknown option', ['--frobnicate'], /--frobnicate/],
    ['an unknown option of a command', ['run-task', '--frobnicate=1'], /--frobnicate/],
    ['an option of another command', ['init', '--entrypoint=tini'], /--entrypoint/],
    ['one argument too many', ['init', '/a', '/b', '/c'], /argument/],
    ['an argument for run-task', ['run-task', 'now'], /argument/],
    ['SOURCE without init', ['/a', '/b'], /command|argument/],
    ['no configuration', ['run-task'], /CIRCLECI_GOAT_CONFIG/],
    ['no configuration for override', ['override', '--entrypoint=tini'], /CIRCLECI_GOAT_CONFIG/],
    ['an option without its value', ['run-task', '--termination-grace-period'], /--termination-grace-period/],
    ['an unknown format', ['--log-format=xml'], /--log-format/],
    ['an empty format', ['--log-format='], /--log-format/],
  ])('%s', async (_title, args, complaint) => {
    const result = await runToEnd(args);
    expect(result).toEqual(usageError);
    expect(result.stderr).toMatch(complaint);
  });

  test('override without an entrypoint', async () => {
    const result = await runToEnd(['override'], { env: { CIRCLECI_GOAT_CONFIG }, secrets: [secret] });
    expect(result).toEqual(usageError);
    expect(result.stderr).toMatch(/--entrypoint/);
  });

  test.each(['', ',', ',tini'])('an entrypoint that names no command: %j', async (entrypoint) => {
    const args = ['override', `--entrypoint=${entrypoint}`];
    expect(await runToEnd(args, { env: { CIRCLECI_GOAT_CONFIG } })).toEqual(usageError);
  });

  const noDurations = [
    '',
    ' ',
    'abc',
    '10',
    '1.5',
    '10 s',
    '1h-5m',
    '-5s',
    '10S',
    's',
    '1d',
    '0x5s',
    '1e3s',
    '∞',
    '9999999h',
    '10s,',
    'NaN',
  ];

  test.each(noDurations)('an invalid duration: %j', async (text) => {
    for (const flag of ['--termination-grace-period', '--shutdown-delay']) {
      const result = await runToEnd(['run-task', `${flag}=${text}`], { env: { CIRCLECI_GOAT_CONFIG } });
      expect(result).toEqual(usageError);
      expect(result.stderr).toContain(flag);
    }
  });

  test.each([
    ['CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', 'soon'],
    ['CIRCLECI_GOAT_SHUTDOWN_DELAY', '5'],
    ['CIRCLECI_GOAT_HEALTH_CHECK_ADDR', 'nowhere'],
    ['CIRCLECI_GOAT_LOG_FORMAT', 'xml'],
  ])('%s=%s', async (name, value) => {
    const env = { CIRCLECI_GOAT_CONFIG, [name]: value };
    const result = await runToEnd(['run-task'], { env, secrets: [secret] });
    expect(result).toEqual(usageError);
    expect(result.stderr).toContain(name);
  });

  test.each([
    '',
    'abc',
    '7623',
    ':',
    ':abc',
    ':-1',
    ':65536',
    ':99999',
    ': 80',
    '1.2.3:80',
    '1.2.3.4.5:80',
    '256.1.1.1:80',
    '::1:7623',
    '[::1',
    '[::1]',
    '[nope]:80',
    'a b:80',
    ':80:80x',
    'host:',
    '-x:80',
  ])('an address that is none: %j', async (address) => {
    const args = ['run-task', `--health-check-addr=${address}`];
    const result = await runToEnd(args, { env: { CIRCLECI_GOAT_CONFIG }, secrets: [secret] });
    expect(result).toEqual(usageError);
    expect(result.stderr).toContain('--health-check-addr');
  });

  test.each([
    ['an argument', ['run-task', CIRCLECI_GOAT_CONFIG]],
    ['a command', [CIRCLECI_GOAT_CONFIG]],
    ['an option', ['run-task', `--${CIRCLECI_GOAT_CONFIG}`]],
    ['several arguments', ['run-task', ...`{ token : ${secret} }`.split(' ')]],
    ['a flag that lost its dash', ['run-task', 'config', CIRCLECI_GOAT_CONFIG]],
  ])('a configuration as %s, which is not shown', async (_title, args) => {
    expect(await runToEnd(args, { secrets: [secret] })).toEqual(usageError);
  });
});

describe('a flag beats its variable:', () => {
  test.each([
    ['--shutdown-delay', '0s', { CIRCLECI_GOAT_SHUTDOWN_DELAY: '1h' }],
    ['--termination-grace-period', '0', { CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD: '1h' }],
  ])('%s=%s', async (flag, value, env) => {
    const task = await startTask({
      env,
      flags: [`${flag}=${value}`, ...(flag === '--shutdown-delay' ? ['--termination-grace-period=0'] : [])],
      agent: ['say=running', 'forever'],
    });
    await task.run.printed(/running/);
    task.run.signal('SIGTERM');
    expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
  });

  test('--log-format and --health-check-addr', async () => {
    const env = { CIRCLECI_GOAT_LOG_FORMAT: 'text', CIRCLECI_GOAT_HEALTH_CHECK_ADDR: '127.0.0.1:1' };
    const task = await startTask({ env, flags: ['--log-format=json'] });
    const { stdout } = await finish(task);
    const line = stdout.split('\n').find((text) => text.includes('server: new-server admin'));
    expect(JSON.parse(line ?? '')['app.address']).toMatch(/^\[::\]:\d+$/);
  });

  test('--config', async () => {
    const task = await startTask({
      configText: '{"not": "this"',
      flags: ['--config={"task_agent_path":"/nowhere/else"}'],
    });
    expect((await finish(task)).stdout).toContain('/nowhere/else');
  });
});

test.each([
  ['300ms', 0.3],
  ['0.4s', 0.4],
  ['.3s', 0.3],
  ['0m0.3s', 0.3],
  ['300000us', 0.3],
  ['300000µs', 0.3],
  ['300000000ns', 0.3],
  ['+300ms', 0.3],
])('variables are read: a grace period of %s', { tags: ['timed'] }, async (period, seconds) => {
  const task = await startTask({
    env: { CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD: period, CIRCLECI_GOAT_SHUTDOWN_DELAY: '0' },
    agent: ['say=running', 'forever'],
  });
  await task.run.printed(/running/);
  const start = performance.now();
  task.run.signal('SIGTERM');
  expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
  expect(performance.now() - start).toBeGreaterThanOrEqual(seconds * 1000 - 10);
});

test.each([
  [['run-task', '--shutdown-delay=0s', '--log-format', 'json']],
  [['--log-format', 'json', '--shutdown-delay', '0s', 'run-task']],
  [['--shutdown-delay=0s', 'run-task', '--log-format=json']],
])('options that all commands have may stand before or after the command: %j', async (args) => {
  const env = { CIRCLECI_GOAT_CONFIG: '{}', CIRCLECI_GOAT_HEALTH_CHECK_ADDR: '127.0.0.1:0' };
  const { stdout, status } = await runToEnd(args, { env });
  expect(status).toBe(1);
  expect(JSON.parse(stdout.split('\n')[0] ?? '').msg).toBe('starting orchestrator');
});

test('empty variables count as unset', async () => {
  const directory = scratchFolder();
  const empty = ['SOURCE', 'CIRCLECI_GOAT_SHUTDOWN_DELAY', 'CIRCLECI_GOAT_LOG_FORMAT'];
  const env = { ...Object.fromEntries(empty.map((name) => [name, ''])), DESTINATION: directory };
  const { status, stdout } = await runToEnd([], { env });
  expect(status).toBe(1);
  expect(stdout).toContain('/orchestrator');
});
