import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProgrammedAnswer } from '../../internal/dev/runner-api/programmed-answer.ts';
import { closedPort } from '../../internal/dev/testing/closed-port.ts';
import { denyCalls } from '../../internal/dev/testing/deny-calls.ts';
import { startFakeProxy } from '../../internal/dev/testing/fake-proxy.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { createAuthority } from '../../internal/dev/testing/tls-fixtures.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { finish, runTaskToEnd, startApi, startTask, type TaskToRun } from './start-task.ts';

const failing = ['exit=3'];
const minutes = (count: number) => count * 60_000;

test.each([200, 201, 202, 204, 299])('status %d is success', async (status) => {
  expect(await runTaskToEnd({ agent: failing, answers: { fail: [{ status }] } })).toMatchObject({
    status: 0,
    calls: ['fail'],
  });
});

test('the body of a success is ignored', async () => {
  for (const body of ['not json', '{"error":"no"}', '\0\xff', 'x'.repeat(1_000_000)]) {
    const task = await runTaskToEnd({ agent: failing, answers: { fail: [{ status: 200, body }] } });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
  }
});

test.each([301, 302, 303, 307, 308])('a redirect (%d) is not followed and final', async (status) => {
  const other = await startApi();
  const headers = { Location: `${other.url}/api/v2/task/event/fail` };
  const task = await runTaskToEnd({ agent: failing, answers: { fail: [{ status, headers }] } });
  expect(task).toMatchObject({ status: 1, calls: ['fail'] });
  expect(task.stdout).toContain(String(status));
  expect(other.requests).toEqual([]);
});

test.each([400, 401, 403, 404, 410, 418, 422])('status %d is final', async (status) => {
  const body = 'a body that says why';
  const task = await runTaskToEnd({ agent: failing, answers: { fail: [{ status, body }] } });
  expect(task).toMatchObject({ status: 1, calls: ['fail'] });
  expect(task.stdout.split('\n').filter((line) => line.includes(` ${status}`))).toHaveLength(1);
});

const passing: Readonly<Record<string, ProgrammedAnswer>> = {
  'answers 429': { status: 429 },
  'answers 500': { status: 500 },
  'answers 502': { status: 502 },
  'answers 503 and a body': { status: 503, body: '<html>busy</html>' },
  resets: { fault: 'reset' },
  'closes the connection': { fault: 'close' },
  'answers garbage': { fault: 'garbage' },
  'resets within the answer': { status: 500, fault: 'reset-after-headers' },
  'is slow': { delayMs: 1000 },
  'sends interim answers': { interim: [100, 103] },
};

test.each(Object.keys(passing))(
  'an API that %s at first is asked again until it answers',
  { tags: ['timed'] },
  async (kind) => {
    const fault = passing[kind] ?? {};
    const task = await runTaskToEnd({
      agent: failing,
      config: { enable_unsafe_retries: true },
      answers: { unclaim: [fault, fault, fault, { status: 200 }] },
    });
    expect(task.status).toBe(0);
    expect(new Set(task.calls)).toEqual(new Set(['unclaim']));
    const told = task.stdout.split('\n').filter((line) => line.includes('failed and is tried again'));
    expect(told).toHaveLength(task.calls.length > 1 ? 1 : 0);
  },
);

test('after three attempts the log says that connecting is forbidden', {
  tags: ['not-emulated/seccomp'],
}, async () => {
  // Addresses of both families are longer than 15 bytes. The launcher tries the call without an address.
  const through = await denyCalls('EACCES', ['connect:2:16']);
  const task = await runTaskToEnd({ agent: failing, through });
  expect(task).toMatchObject({ status: 1, calls: [] });
  expect(task.stdout).toMatch(/connecting is forbidden \(EACCES.*look at the node's security modules/);
  expect(task.stdout).toMatch(/3 attempts/);
});

test('an API that hangs is given up after 5 s and asked again', async () => {
  const start = performance.now();
  const task = await startTask({ agent: failing, answers: { fail: [{ fault: 'hang' }, {}] } });
  await task.api.until((requests) => requests.length === 2);
  expect(performance.now() - start).toBeGreaterThanOrEqual(5000);
  expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail', 'fail'] });
});

test('an API that starts after the task has failed gets the report', { tags: ['timed'] }, async () => {
  const port = closedPort();
  const task = await startTask({
    agent: failing,
    config: { runner_api_base_url: `http://127.0.0.1:${port}` },
  });
  await task.run.printed(/task failed/);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const api = await startApi({ port });
  expect((await task.run.ended).status).toBe(0);
  expect(api.requests.map(({ call }) => call)).toEqual(['fail']);
});

test('a repeated request is the same, byte for byte', async () => {
  const task = await startTask({ agent: failing, answers: { fail: [{ status: 500 }, { status: 500 }, {}] } });
  await finish(task);
  const bodies = task.api.requests.map(({ body }) => body);
  expect(new Set(bodies).size).toBe(1);
  expect(bodies).toHaveLength(3);
});

const outages: Readonly<Record<string, ProgrammedAnswer>> = {
  'answers 503': { status: 503 },
  hangs: { fault: 'hang' },
  resets: { fault: 'reset' },
  'answers garbage': { fault: 'garbage' },
};

// All cases run at the same time, because each takes the whole time of the contract.
test(
  'an API that stays away ends with 1 after 60 s, or 75 s for two calls, whatever is wrong with it, and says so',
  async () => {
    const closed = { runner_api_base_url: `http://127.0.0.1:${closedPort()}` };
    const unknown = { runner_api_base_url: 'http://no-such-host.invalid' };
    const started = performance.now();
    const run = async (calls: number, task: TaskToRun) => {
      const { status, stdout } = await runTaskToEnd({ agent: failing, ...task });
      return { calls, status, stdout, seconds: (performance.now() - started) / 1000 };
    };
    const ended = await Promise.all([
      ...Object.values(outages).map((answer) => run(1, { answers: { fail: [answer] } })),
      run(1, { config: closed }),
      run(1, { config: unknown }),
      run(2, { config: { ...closed, enable_unsafe_retries: true } }),
    ]);
    for (const { calls, status, stdout, seconds } of ended) {
      expect(status).toBe(1);
      expect(seconds).toBeGreaterThan(calls === 1 ? 55 : 70);
      expect(stdout.match(/ERROR task failed/g)).toHaveLength(1);
      expect(stdout.match(/ERROR .*could not be told.*attempts/g)).toHaveLength(1);
      expect(stdout.match(/ERROR .*attempts/g)).toHaveLength(calls);
    }
  },
  minutes(4),
);

test.each([
  '',
  'not a url',
  'ftp://runner.example',
  'runner.example',
  'http://',
  'http://host:port',
  'https://[::1',
])(
  'an invalid base URL (%j) is a warning at once, ends with 1, and is named in one line',
  async (runner_api_base_url) => {
    const task = await runTaskToEnd({ agent: failing, config: { runner_api_base_url } });
    expect(task).toMatchObject({ status: 1, calls: [] });
    const levels = task.stdout
      .split('\n')
      .filter((line) => line.includes('base URL'))
      .map((line) => line.split(' ')[1]);
    expect(levels).toEqual(['WARN', 'ERROR']);
  },
);

test.each(['/', '/prefix', '/prefix/'])('a base URL with the path %s keeps it', async (path) => {
  const api = await startApi();
  await runTaskToEnd({ agent: failing, config: { runner_api_base_url: `${api.url}${path}` } });
  expect(api.requests[0]?.path).toBe(`${path.replace(/\/$/, '')}/api/v2/task/event/fail`);
});

describe('a request', () => {
  const agentHeader = (name: string) =>
    new RegExp(`^CircleCI-GOAT/\\S+ \\(linux; (amd64|arm64); ${name}\\)$`);

  test('has these headers', async () => {
    const task = await startTask({ agent: failing });
    await finish(task);
    expect(task.api.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${task.token}`,
      accept: 'application/json; charset=utf-8',
      'content-type': 'application/json; charset=utf-8',
      'user-agent': expect.stringMatching(agentHeader('[0-9a-f]{16}')),
    });
  });

  test.runIf(isRoot)('has the host name of a task’s Pod in its User-Agent', async () => {
    const through = ['unshare', '--uts', 'sh', '-c', 'hostname ccita-pod-1 && exec "$@"', 'sh'];
    const task = await startTask({ agent: failing, through });
    await finish(task);
    expect(task.api.requests[0]?.headers['user-agent']).toMatch(agentHeader('ccita-pod-1'));
  });

  test.each(['HTTP_PROXY', 'http_proxy'])('goes through the proxy of %s', async (name) => {
    const api = await startApi();
    const proxy = untilTestEnds(await startFakeProxy({ leadTo: api.port }));
    const task = await runTaskToEnd({
      agent: failing,
      env: { [name]: `http://127.0.0.1:${proxy.port}` },
      config: { runner_api_base_url: 'http://runner.test' },
    });
    expect(task.status).toBe(0);
    expect(proxy.requests[0]?.target).toBe('http://runner.test/api/v2/task/event/fail');
  });

  test.each(['NO_PROXY', 'no_proxy'])('bypasses the proxy with %s', async (name) => {
    const proxy = untilTestEnds(await startFakeProxy({ leadTo: closedPort() }));
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, [name]: '127.0.0.0/8' };
    expect(await runTaskToEnd({ agent: failing, env })).toMatchObject({ status: 0, calls: ['fail'] });
    expect(proxy.requests).toEqual([]);
  });
});

describe('over TLS', () => {
  async function secureApi() {
    const authority = await createAuthority();
    const tls = await authority.issue();
    const api = await startApi({ tls });
    const file = join(scratchFolder(), 'authority.pem');
    await writeFile(file, authority.certificate);
    return { api, file, config: { runner_api_base_url: api.url } };
  }

  test('an authority that SSL_CERT_FILE names is trusted', { tags: ['quick'] }, async () => {
    const { api, file, config } = await secureApi();
    expect((await runTaskToEnd({ agent: failing, config, env: { SSL_CERT_FILE: file } })).status).toBe(0);
    expect(api.requests.map(({ call }) => call)).toEqual(['fail']);
  });

  test.each([{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, { NODE_OPTIONS: '--use-openssl-ca' }])(
    'an unknown authority is not trusted, not even with %j',
    async (env) => {
      const { api, file, config } = await secureApi();
      // The file exists, but under a name that only other programs read.
      const task = await startTask({ agent: failing, config, env: { ...env, NODE_EXTRA_CA_CERTS: file } });
      await task.run.printed(/task failed/);
      await waitFor('attempts', () => api.connections >= 2);
      expect(api.requests).toEqual([]);
    },
  );

  test('HTTPS_PROXY is asked for a tunnel', async () => {
    const { api, file } = await secureApi();
    const proxy = untilTestEnds(await startFakeProxy({ leadTo: api.port }));
    const task = await runTaskToEnd({
      agent: failing,
      env: { SSL_CERT_FILE: file, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
      config: { runner_api_base_url: 'https://runner.test' },
    });
    expect(task.status).toBe(0);
    expect(proxy.requests).toMatchObject([{ method: 'CONNECT', target: 'runner.test:443' }]);
  });
});
