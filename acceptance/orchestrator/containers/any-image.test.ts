import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../../internal/dev/runner-api/fake-runner-api.ts';
import { runContainer } from '../../../internal/dev/testing/containers/container.ts';
import { cover, type Row } from '../../../internal/dev/testing/containers/cover.ts';
import { sharedScratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { type ConfigFields, taskConfig } from '../../../internal/dev/testing/task-config.ts';
import { createAuthority } from '../../../internal/dev/testing/tls-fixtures.ts';
import { agentPath, orchestrator, programsVolume } from './container-task.ts';
import { hostileEnvironment } from './hostile-environment.ts';

/**
 * The properties of an image and its Pod. All combinations would be 12,800 containers. The rows have every
 * combination of any three properties, and no known fault needed more.
 */
const factors = {
  image: ['scratch', 'busybox', 'musl', 'broken-glibc', 'debian'],
  user: ['0', '1000'],
  root: ['writable root', 'read-only root'],
  tmp: ['no /tmp', '/tmp'],
  capabilities: ['usual capabilities', 'no capabilities'],
  privileges: ['usual privileges', 'no new privileges'],
  memory: ['any memory', '32 MiB'],
  cpu: ['any CPU', '0.1 CPU'],
  pids: ['any pids', '32 pids'],
  environment: ['plain environment', 'hostile environment'],
  outcome: ['succeeds', 'fails: http, IP', 'fails: http, name', 'fails: https, IP', 'fails: https, name'],
} as const;

type ImageAndPod = Row<typeof factors>;

const flagsOf: Readonly<Record<string, readonly string[]>> = {
  'read-only root': ['--read-only'],
  '/tmp': ['--tmpfs=/tmp'],
  'no capabilities': ['--cap-drop=ALL'],
  'no new privileges': ['--security-opt=no-new-privileges'],
  '32 MiB': ['--memory=32m', '--memory-swap=32m'],
  '0.1 CPU': ['--cpus=0.1'],
  '32 pids': ['--pids-limit=32'],
};

const apiName = 'runner.test';
let http: FakeRunnerApi;
let https: FakeRunnerApi;
const folder = sharedScratchFolder();

beforeAll(async () => {
  const host = inject('containers').gateway;
  const authority = await createAuthority();
  await writeFile(join(folder.path, 'authority.pem'), authority.certificate);
  const tls = await authority.issue({ names: `DNS:${apiName},IP:${host}` });
  [http, https] = await Promise.all([startFakeRunnerApi({ host }), startFakeRunnerApi({ host, tls })]);
});

afterAll(async () => {
  await Promise.all([http?.close(), https?.close()]);
});

function apiOf(outcome: ImageAndPod['outcome']): { api: FakeRunnerApi; url: string } {
  const api = outcome.includes('https') ? https : http;
  const url = outcome.includes('name') ? api.url.replace(inject('containers').gateway, apiName) : api.url;
  return { api, url };
}

function runIn(surroundings: ImageAndPod, config: ConfigFields) {
  const { image, user, environment } = surroundings;
  const { gateway, network } = inject('containers');
  const hostile = environment === 'hostile environment' ? hostileEnvironment : {};
  const env = { ...hostile, SSL_CERT_FILE: '/authority.pem', CIRCLECI_GOAT_CONFIG: JSON.stringify(config) };
  return runContainer({
    image,
    command: orchestrator('run-task'),
    env,
    flags: [
      ...programsVolume(),
      `--volume=${join(folder.path, 'authority.pem')}:/authority.pem:ro`,
      `--network=${network}`,
      `--add-host=${apiName}:${gateway}`,
      `--user=${user}`,
      ...Object.values(surroundings).flatMap((value) => flagsOf[value] ?? []),
    ],
  });
}

const rows = cover(factors, 3).map((row) => [Object.values(row).join(', '), row] as const);
const [succeeding, failing] = [true, false].map((well) =>
  rows.filter(([, { outcome }]) => (outcome === 'succeeds') === well),
) as [typeof rows, typeof rows];

describe('a task succeeds', () => {
  test.each(succeeding)('%s', async (_title, surroundings) => {
    const task_agent_path = agentPath(['stdin-echo', 'print=/proc/self/environ']);
    const config = taskConfig({ runner_api_base_url: http.url, task_agent_path });
    const { status, stdout, stderr } = await runIn(surroundings, config);
    expect({ status, stderr: ownLines(stderr) }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(config.token);
    const variables = surroundings.environment === 'hostile environment' ? hostileEnvironment : {};
    for (const [name, value] of Object.entries(variables)) expect(stdout).toContain(`${name}=${value}\0`);
  });
});

describe('a failure is reported', () => {
  test.each(failing)('%s', async (_title, surroundings) => {
    const { api, url } = apiOf(surroundings.outcome);
    const task_agent_path = agentPath(['stderr=no%20such%20step', 'exit=3']);
    const config = taskConfig({ runner_api_base_url: url, task_agent_path });
    const { allocation, token } = config;
    const { status, stdout, stderr } = await runIn(surroundings, config);
    expect({ status, stdout, stderr: ownLines(stderr) }).toMatchObject({
      status: 0,
      stderr: 'no such step',
    });
    expect(stdout).not.toContain(token);
    const [report, ...others] = api.of(allocation);
    expect(others).toEqual([]);
    expect(report).toMatchObject({ call: 'fail', headers: { authorization: `Bearer ${token}` } });
    expect(report?.message).toMatch(/exit status 3.*no such step/s);
  });
});

test('the task agent may be a program of a musl image, and gets the preloads of the image', async () => {
  const config = taskConfig({ runner_api_base_url: http.url, task_agent_path: '/bin/musl-program' });
  const { status, stdout, stderr } = await runContainer({
    image: 'musl',
    command: orchestrator('run-task'),
    env: { CIRCLECI_GOAT_CONFIG: JSON.stringify(config) },
    flags: programsVolume(),
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('the preloaded library was called\n');
});

/** The lines without the docker command's own messages about the machine. */
function ownLines(stderr: string): string {
  return stderr.replace(/^WARNING: .*\n/gm, '');
}
