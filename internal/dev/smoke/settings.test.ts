import { expect, test } from 'vitest';
import { readSettings, SettingsError } from './settings.ts';

const skipMachine = { SMOKE_TESTS_MACHINE_SKIP: 'true', KUBERNETES_CIRCLE_API_TOKEN: 'k' };

test('tests both drivers with the original’s defaults', () => {
  const both = readSettings({ KUBERNETES_CIRCLE_API_TOKEN: 'k', MACHINE_CIRCLE_API_TOKEN: 'm' });
  const common = { projectSlug: 'github/circleci/runner-smoke-tests', branch: 'main', timeoutMs: 1_200_000 };
  const parameters = {
    version: 'edge',
    trigger_source: 'dev',
    kubernetes_helm_chart_branch: '',
    kubernetes_runner_init_tag: '',
  };
  expect(both).toEqual([
    {
      ...common,
      driver: 'machine',
      host: 'https://circleci.com',
      token: 'm',
      parameters: { ...parameters, driver: 'machine' },
    },
    {
      ...common,
      driver: 'kubernetes',
      host: 'https://k9s.sphereci.com',
      token: 'k',
      parameters: {
        ...parameters,
        driver: 'kubernetes',
        circleci_domain: 'k9s.sphereci.com',
        runner_api_url: 'https://k9s.sphereci.com',
        namespace: 'k9s',
      },
    },
  ]);
});

test('reads every setting from its variable', () => {
  const [settings] = readSettings({
    ...skipMachine,
    SMOKE_TESTS_PROJECT: 'github/me/mine',
    SMOKE_TESTS_BRANCH: 'next',
    SMOKE_TESTS_VERSION: '3.1',
    SMOKE_TESTS_IS_CANARY: 'true',
    SMOKE_TESTS_TIMEOUT: '90s',
    SMOKE_TESTS_KUBERNETES_CIRCLE_HOST: 'https://ci.test:8443/',
    SMOKE_TESTS_KUBERNETES_RUNNER_NAMESPACE: 'ns',
    SMOKE_TESTS_KUBERNETES_RUNNER_INIT_TAG: 'agent-1',
    SMOKE_TESTS_KUBERNETES_HELM_CHART_BRANCH: 'chart',
    CIRCLE_BUILD_URL: 'https://ci.test/1',
  });
  expect(settings).toEqual({
    driver: 'kubernetes',
    host: 'https://ci.test:8443',
    token: 'k',
    projectSlug: 'github/me/mine',
    branch: 'next',
    timeoutMs: 90_000,
    parameters: {
      driver: 'kubernetes',
      version: '3.1',
      trigger_source: 'https://ci.test/1',
      is_canary: true,
      kubernetes_helm_chart_branch: 'chart',
      kubernetes_runner_init_tag: 'agent-1',
      circleci_domain: 'ci.test:8443',
      runner_api_url: 'https://ci.test:8443',
      namespace: 'ns',
    },
  });
});

test.each([
  [
    { SMOKE_TESTS_KUBERNETES_CIRCLE_API_TOKEN: 'a', KUBERNETES_CIRCLE_API_TOKEN: 'b', CIRCLE_API_TOKEN: 'c' },
    'a',
  ],
  [{ KUBERNETES_CIRCLE_API_TOKEN: 'b', CIRCLE_API_TOKEN: 'c' }, 'b'],
  [{ KUBERNETES_CIRCLE_API_TOKEN: '', CIRCLE_API_TOKEN: 'c' }, 'c'],
])('takes the nearest token: %j', (variables, expected) => {
  expect(readSettings({ SMOKE_TESTS_MACHINE_SKIP: 'true', ...variables })[0]?.token).toBe(expected);
});

test.each(['1', 't', 'true', 'TRUE'])('leaves a driver out for %s', (SMOKE_TESTS_MACHINE_SKIP) => {
  expect(readSettings({ ...skipMachine, SMOKE_TESTS_MACHINE_SKIP })).toHaveLength(1);
});

test.each(['', '0', 'f', 'false'])('does not leave a driver out for %j', (SMOKE_TESTS_MACHINE_SKIP) => {
  expect(readSettings({ CIRCLE_API_TOKEN: 'x', SMOKE_TESTS_MACHINE_SKIP })).toHaveLength(2);
});

test('tests nothing if both are left out, and then needs no token', () => {
  expect(readSettings({ SMOKE_TESTS_MACHINE_SKIP: '1', SMOKE_TESTS_KUBERNETES_SKIP: '1' })).toEqual([]);
});

test.each([
  [
    { SMOKE_TESTS_MACHINE_SKIP: 'true' },
    /API token for the kubernetes tests is missing: set KUBERNETES_CIRCLE_API_TOKEN/,
  ],
  [{ ...skipMachine, SMOKE_TESTS_MACHINE_SKIP: 'yes' }, /SMOKE_TESTS_MACHINE_SKIP must be true or false/],
  [{ ...skipMachine, SMOKE_TESTS_IS_CANARY: '2' }, /SMOKE_TESTS_IS_CANARY/],
  [{ ...skipMachine, SMOKE_TESTS_TIMEOUT: '20' }, /SMOKE_TESTS_TIMEOUT must be a duration/],
  [{ ...skipMachine, SMOKE_TESTS_TIMEOUT: '0' }, /SMOKE_TESTS_TIMEOUT/],
  [{ ...skipMachine, SMOKE_TESTS_TIMEOUT: '-1s' }, /SMOKE_TESTS_TIMEOUT/],
  [
    { ...skipMachine, SMOKE_TESTS_KUBERNETES_CIRCLE_HOST: 'circleci.com' },
    /SMOKE_TESTS_KUBERNETES_CIRCLE_HOST/,
  ],
  [{ ...skipMachine, CIRCLE_HOST: 'ftp://x' }, /must be a URL/],
])('names the variable that is wrong: %j', (variables: Record<string, string>, text) => {
  expect(() => readSettings(variables)).toThrow(SettingsError);
  expect(() => readSettings(variables)).toThrow(text);
});
