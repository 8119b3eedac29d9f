import { expect, test } from 'vitest';
import { Environment } from '../../internal/environment.ts';
import { parseCommandLine } from './cli.ts';
import type { Invocation } from './invocation.ts';
import { formatOfUsageError, parseInvocation } from './parse-invocation.ts';

const environment = Environment.fromObject({
  SOURCE: '/from',
  CIRCLECI_GOAT_CONFIG: '{"token":"Sesame-4711"}',
  CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD: '1m30s',
  CIRCLECI_GOAT_LOG_FORMAT: 'json',
});
const versionText = 'orchestrator 1.2.3';

/** The result, or the message without its last sentence, which is the same for all. */
async function outcome(parse: () => Invocation | Promise<Invocation>): Promise<unknown> {
  try {
    return await parse();
  } catch (error) {
    return error instanceof Error ? error.message.replace(' See orchestrator --help.', '') : error;
  }
}

test.each([
  [[]],
  [['init']],
  [['init', '/a']],
  [['init', '/a', 'b']],
  [['init', '', 'b']],
  [['init', '--', '--a']],
  [['init', '/a', '--log-format=text']],
  [['--log-format=text', 'init', '/a']],
  [['init', '/a', '/b', '/c']],
  [['init', '-x']],
  [['init', '--help']],
  [['/a']],
  [['run-task']],
  [['run-task', '']],
  [['run-task', '--health-check-addr=:80']],
])('%j has the meaning that commander gives it', async (argv) => {
  expect(await outcome(() => parseInvocation(argv, environment, versionText))).toEqual(
    await outcome(() => parseCommandLine(argv, environment, versionText)),
  );
});

test.each([[['run-task']], [['run-task', '--log-format=json']], [['override', '--entrypoint=x']]])(
  '%j without a configuration is a usage error',
  async (argv) => {
    await expect(parseInvocation(argv, Environment.fromObject({}), versionText)).rejects.toMatchObject({
      code: 'usage',
      message:
        "The task's configuration is missing: set CIRCLECI_GOAT_CONFIG. An entrypoint that runs this program has to pass its environment on. See orchestrator --help.",
    });
  },
);

test.each<[string[], string | undefined, string]>([
  [[], undefined, 'text'],
  [[], 'json', 'json'],
  [[], 'yaml', 'text'],
  [['run-task', '--log-format=json'], undefined, 'json'],
  [['--log-format', 'json', 'nonsense'], 'text', 'json'],
  [['run-task', '--log-format=text'], 'json', 'text'],
  [['run-task', '--log-format'], 'json', 'text'],
])('the usage error of %j with the variable %j is written as %s', (argv, variable, format) => {
  const variables = Environment.fromObject({ CIRCLECI_GOAT_LOG_FORMAT: variable });
  expect(formatOfUsageError(argv, variables)).toBe(format);
});
