import { describe, expect, test } from 'vitest';
import { Environment } from '../../internal/environment.ts';
import { type ControllerSettings, readControllerSettings } from './controller-settings.ts';

const read = (variables: Record<string, string>) => readControllerSettings(Environment.fromObject(variables));

test('the variables that the chart sets are read', () => {
  const { settings, warnings } = read({
    RUNNER_API: 'http://runner-api.runner.svc.cluster.local',
    AGENT_NAME: 'container-agent',
    MAX_RUN_TIME: '1h',
    MAX_CONCURRENT_TASKS: '8',
    CHECK_ENABLED: 'true',
    CHECK_THRESHOLD: '2',
    CHECK_INTERVAL: '1m',
    KUBE_NAMESPACE: 'runner',
    KUBE_TASK_POD_CONFIG: '/etc/container-agent/taskpods',
    KUBE_TOKEN_SECRETS: 'my-tokens, container-agent',
    KUBE_AUTODETECT_PLATFORM: 'true',
    O11Y_LEVEL: 'info',
    O11Y_FORMAT: 'json',
    KUBE_GC_THRESHOLD: '5h5m',
    RUNNER_SCHEDULING_TIMEOUT: '2m',
  });
  expect(warnings).toEqual([]);
  expect(settings).toMatchObject({
    MAX_RUN_TIME: 3_600_000,
    MAX_CONCURRENT_TASKS: 8,
    CHECK_ENABLED: true,
    CHECK_INTERVAL: 60_000,
    KUBE_TOKEN_SECRETS: ['my-tokens', 'container-agent'],
    KUBE_GC_THRESHOLD: 18_300_000,
    KUBE_GC_INTERVAL: 180_000,
    RUNNER_SCHEDULING_TIMEOUT: 120_000,
    RUNNER_CREATE_TIMEOUT: 600_000,
  });
});

const noNamespace =
  'KUBE_NAMESPACE: expected the name of a namespace: at most 63 lowercase letters, digits or -, with a letter or digit at both ends.';

describe('forms', () => {
  test.each<[keyof ControllerSettings, string, unknown]>([
    ['MAX_CONCURRENT_TASKS', '1e+06', 1_000_000],
    ['MAX_CONCURRENT_TASKS', ' 5 ', 5],
    ['KUBE_TOKEN_SECRETS', '', []],
    ['KUBE_TOKEN_SECRETS', 'a', ['a']],
    ['KUBE_TOKEN_SECRETS', 'a ,b,', ['a', 'b']],
    ['KUBE_TOKEN_SECRETS', 'a, b, a', ['a', 'b']],
    ['KUBE_NAMESPACE', 'ci', 'ci'],
    ['KUBE_NAMESPACE', `${'a'.repeat(31)}-${'0'.repeat(31)}`, `${'a'.repeat(31)}-${'0'.repeat(31)}`],
    ['KUBE_GC_ENABLED', 'False', false],
    ['KUBE_GC_ENABLED', 't', true],
    ['MAX_RUN_TIME', '1.5h', 5_400_000],
    ['KUBE_GC_INTERVAL', '300ms', 300],
    ['RUNNER_CANCELLATION_GRACE', '0s', 0],
    ['O11Y_LEVEL', 'WARN', 'warn'],
    ['KUBE_SSH_IS_ENABLED', '', false],
    ['AGENT_NAME', 'my agent/1', 'my-agent-1'],
    ['AGENT_NAME', 'a.(b)_c', 'a.(b)_c'],
  ])('%s=%j is %j', (name, value, expected) => {
    expect(read({ [name]: value }).settings[name]).toEqual(expected);
  });

  test.each<[keyof ControllerSettings, string, string]>([
    ['RUNNER_API', 'runner.circleci.com', 'RUNNER_API: expected a URL that begins with https:// or http://.'],
    ['RUNNER_API', 'https://me:hush@x.example', 'RUNNER_API: expected a URL without a user and a password.'],
    ['RUNNER_API', 'https://x.example/?a=b', 'RUNNER_API: expected a URL without a query and a fragment.'],
    ['RUNNER_API', 'https://x.example/#a', 'RUNNER_API: expected a URL without a query and a fragment.'],
    ['KUBE_NAMESPACE', 'CI', noNamespace],
    ['KUBE_NAMESPACE', 'ci/jobs', noNamespace],
    ['KUBE_NAMESPACE', '-ci', noNamespace],
    ['KUBE_NAMESPACE', 'a'.repeat(64), noNamespace],
    ['MAX_RUN_TIME', '5', 'MAX_RUN_TIME: "5" is not a duration; expected e.g. 300ms, 10s, 1m30s.'],
    ['MAX_RUN_TIME', '0s', 'MAX_RUN_TIME: expected a duration longer than 0s.'],
    ['KUBE_GC_INTERVAL', '3ms', 'KUBE_GC_INTERVAL: expected a duration of at least 100ms.'],
    ['CHECK_INTERVAL', '1ns', 'CHECK_INTERVAL: expected a duration of at least 1s.'],
    ['RUNNER_CANCELLATION_GRACE', '-1s', 'RUNNER_CANCELLATION_GRACE: expected a duration of at least 0s.'],
    ['MAX_CONCURRENT_TASKS', '0', 'MAX_CONCURRENT_TASKS: expected a whole number of at least 1.'],
    ['MAX_CONCURRENT_TASKS', 'many', 'MAX_CONCURRENT_TASKS: expected a whole number of at least 1.'],
    ['KUBE_GC_ENABLED', 'yes', 'KUBE_GC_ENABLED: expected true or false.'],
    [
      'KUBE_GC_ENABLED',
      '"true"',
      'KUBE_GC_ENABLED: the value is in quotes, which YAML or a shell should have removed.',
    ],
    ['AGENT_NAME', 'äöü', 'AGENT_NAME: expected at least one letter, digit or any of . ( ) - _.'],
    [
      'KUBE_CONTAINER_AGENT_INSTANCE',
      'a'.repeat(64),
      'KUBE_CONTAINER_AGENT_INSTANCE: expected at most 63 letters, digits or any of . _ -, with a letter or digit at both ends.',
    ],
    ['O11Y_FORMAT', 'xml', 'O11Y_FORMAT: expected one of json, text, color, none.'],
  ])('%s=%j is refused in one line', (name, value, message) => {
    expect(() => read({ [name]: value })).toThrow(message);
  });
});

test.each([
  ['KUBE_SHARED_TASK_VOLUME', 'no longer has any effect'],
  ['RUNNER_SCHEDULING_TIMOUT', 'is RUNNER_SCHEDULING_TIMEOUT meant?'],
  ['KUBE_TOKENS_SECRETS', 'is KUBE_TOKEN_SECRETS meant?'],
  ['RUNNER_NONSENSE', 'is it misspelt?'],
])('%s is warned of', (name, words) => {
  expect(read({ [name]: '1' }).warnings).toEqual([expect.stringContaining(words)]);
});

test.each([
  'RUNNER_API_SERVICE_HOST',
  'RUNNER_API_PORT_80_TCP_ADDR',
  'RUNNER_API_PORT',
  'RUNNER_API_SERVICE_PORT_HTTP',
])('%s comes from Kubernetes and is no warning', (name) => {
  expect(read({ [name]: '1' }).warnings).toEqual([]);
});
