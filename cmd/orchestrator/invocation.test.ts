import { afterEach, expect, test, vi } from 'vitest';
import { Failure } from '../../internal/failure.ts';
import { parseCommandLine } from './cli.ts';
import { type Invocation, initByVariables, parseInvocation, runTaskByVariables } from './invocation.ts';

const config = '{"token":"Sesame-4711"}';

afterEach(() => {
  vi.unstubAllEnvs();
});

function outcome(parse: () => Invocation): unknown {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { code: error.code, message: error.message };
  }
}

test.each<[string, string]>([
  ['CIRCLECI_GOAT_UNKNOWN', 'x'],
  ['CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', '1m30s'],
  ['CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', '-1s'],
  ['CIRCLECI_GOAT_HEALTH_CHECK_ADDR', '127.0.0.1:80'],
  ['CIRCLECI_GOAT_HEALTH_CHECK_ADDR', 'nowhere'],
  ['CIRCLECI_GOAT_SHUTDOWN_DELAY', '0'],
  ['CIRCLECI_GOAT_SHUTDOWN_DELAY', '{"token":"Sesame-4711"}'],
  ['CIRCLECI_GOAT_LOG_FORMAT', 'json'],
  ['CIRCLECI_GOAT_LOG_FORMAT', 'JSON'],
])('run-task without flags understands %s=%s as commander does', (name, value) => {
  vi.stubEnv(name, value);
  expect(outcome(() => runTaskByVariables(config))).toEqual(
    outcome(() => parseCommandLine(['run-task'], config, '')),
  );
});

test.each<[string, string]>([
  ['SOURCE', '/from'],
  ['DESTINATION', '/to'],
  ['CIRCLECI_GOAT_SHUTDOWN_DELAY', '1m'],
  ['CIRCLECI_GOAT_SHUTDOWN_DELAY', '-1s'],
  ['CIRCLECI_GOAT_LOG_FORMAT', 'json'],
  ['CIRCLECI_GOAT_LOG_FORMAT', 'JSON'],
  ['CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', 'not asked for'],
])('init without flags understands %s=%s as commander does', (name, value) => {
  vi.stubEnv(name, value);
  for (const operands of [[], ['/a'], ['/a', 'b'], ['', 'b']]) {
    expect(outcome(() => initByVariables(...operands))).toEqual(
      outcome(() => parseCommandLine(['init', ...operands], undefined, '')),
    );
  }
});

test.each([
  [[]],
  [['init']],
  [['init', '/a']],
  [['init', '/a', '/b']],
  [['init', '--', '--a']],
  [['init', '/a', '--log-format=json']],
  [['--log-format=json', 'init', '/a']],
  [['init', '/a', '/b', '/c']],
  [['init', '-x']],
  [['init', '--help']],
  [['/a']],
])('%j means what commander makes of it', async (argv) => {
  const invocation = parseInvocation(argv, undefined, '').catch((error: unknown) =>
    outcome(() => {
      throw error;
    }),
  );
  expect(await invocation).toEqual(outcome(() => parseCommandLine(argv, undefined, '')));
});

test('run-task without a configuration is a usage error', async () => {
  await expect(parseInvocation(['run-task'], undefined, '')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('CIRCLECI_GOAT_CONFIG'),
  });
});

test.each([
  [['run-task'], { healthCheckAddr: ':7623' }],
  [['run-task', '--health-check-addr=:80'], { healthCheckAddr: ':80' }],
])('%j is parsed, with flags or without', async (argv, expected) => {
  expect(await parseInvocation(argv, config, '')).toMatchObject({ command: 'run-task', config, ...expected });
});
