import { expect, test } from 'vitest';
import { buildPod } from './build-pod.ts';
import { sketchPlan, taskToken } from './fixtures/plans.ts';
import { buildSecrets, secretsOf as secretValuesOf } from './task-secrets.ts';

interface Made {
  readonly type: string;
  readonly metadata: { readonly name: string; readonly annotations: object };
  readonly stringData: Readonly<Record<string, string>>;
}

const secretsOf = (...sketch: Parameters<typeof sketchPlan>) =>
  buildSecrets(sketchPlan(...sketch)) as unknown as Made[];

test('the task’s Secret is the record of its claim', () => {
  const [secret, ...others] = secretsOf({
    docker: [
      { image: 'x', environment: { A: '1' } },
      { image: 'y', environment: { A: '2' } },
    ],
  });
  expect(others).toEqual([]);
  expect(secret).toMatchObject({
    type: 'Opaque',
    metadata: {
      name: 'ccita-1b1c-0-12345678',
      annotations: {
        'app.circleci.com/task-id': '1b1c',
        'app.circleci.com/allocation': 'allocation',
        'app.circleci.com/resource-class': 'my-namespace/my-class',
        'app.circleci.com/unsafe-retries': 'false',
      },
    },
    stringData: { 'task-token': taskToken, 'env.0.A': '1', 'env.1.A': '2' },
  });
});

test('the configuration of the orchestrator is made from the job', () => {
  const [secret] = secretsOf({
    docker: [{ image: 'x', entrypoint: ['tini', '--'], command: 'serve', user: 'circleci' }, { image: 'y' }],
    task: { max_run_time: 60e9 },
    resourceClass: { unsafeRetries: true },
  });
  expect(JSON.parse(secret?.stringData.config ?? '')).toEqual({
    cmd: ['tini', '--', 'serve'],
    user: 'circleci',
    task_id: '1b1c',
    token: taskToken,
    readiness_file_path: '/opt/circleci/services/running',
    enable_unsafe_retries: true,
    task_agent_path: '/opt/circleci/bin/circleci-agent',
    runner_api_base_url: 'https://runner.example.com',
    allocation: 'allocation',
    ssh_advertise_addr: '',
    max_run_time: 60e9,
  });
});

test.each([
  ['shorter than the limit', 60e9, 60e9],
  ['longer than the limit', 1e15, 18_000e9],
  ['not said', undefined, 18_000e9],
])('a task whose time limit is %s runs no longer than allowed', (_case, maxRunTime, expected) => {
  const [secret] = secretsOf({ task: { max_run_time: maxRunTime } });
  expect(JSON.parse(secret?.stringData.config ?? '').max_run_time).toBe(expected);
});

test('the proxies of the logging container are in the Secret, because they may hold credentials', () => {
  const settings = { proxy: { HTTPS_PROXY: 'http://user:password@proxy:3128', NO_PROXY: '' } };
  const docker = [{ image: 'x' }, { image: 'y' }];
  const [secret] = secretsOf({ docker, settings });
  expect(secret?.stringData['proxy.HTTPS_PROXY']).toBe('http://user:password@proxy:3128');
  const { pod } = buildPod(sketchPlan({ docker, settings }));
  expect(JSON.stringify(pod)).toContain(
    '{"name":"HTTPS_PROXY","valueFrom":{"secretKeyRef":{"name":"ccita-1b1c-0-12345678","key":"proxy.HTTPS_PROXY"}}}',
  );
  expect(JSON.stringify(pod)).not.toContain('NO_PROXY');
  expect(Object.keys(secretsOf({ settings })[0]?.stringData ?? {})).toEqual(['config', 'task-token']);
});

test('without services the task waits for no file', () => {
  expect(JSON.parse(secretsOf()[0]?.stringData.config ?? '').readiness_file_path).toBe('');
});

test('each image has its own credentials, even if two are from the same registry', () => {
  const [, secret] = secretsOf({
    docker: [
      { image: 'cimg/base:current', auth: { username: 'u', password: 'p' } },
      { image: 'cimg/other:1', auth: { username: 'v', password: 'q' } },
      { image: 'cimg/redis:6' },
    ],
  });
  expect(secret).toMatchObject({
    type: 'kubernetes.io/dockerconfigjson',
    metadata: { name: 'ccita-1b1c-0-12345678-registry' },
  });
  expect(JSON.parse(secret?.stringData['.dockerconfigjson'] ?? '')).toEqual({
    auths: {
      'docker.io/cimg/base': { username: 'u', password: 'p', auth: 'dTpw' },
      'docker.io/cimg/other': { username: 'v', password: 'q', auth: 'djpx' },
    },
  });
});

test('secrets are known as a whole and in parts', () => {
  const plan = sketchPlan({
    docker: [
      { image: 'x', environment: { A: 'of the job' }, auth: { username: 'me', password: 'of the registry' } },
    ],
  });
  const secrets = secretValuesOf(plan);
  const basic = Buffer.from('me:of the registry').toString('base64');
  expect(secrets).toEqual(expect.arrayContaining([taskToken, 'of the job', 'of the registry', basic]));
  const stored = buildSecrets(plan).flatMap(({ stringData }) => Object.values(stringData));
  expect(secrets).toEqual(expect.arrayContaining(stored));
});
