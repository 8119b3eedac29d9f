import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { runToEnd, taskLives } from './run-orchestrator.ts';
import { finish, startTask } from './start-task.ts';

const version = async () => / (\S+) \(/.exec((await runToEnd(['--version'])).stdout)?.[1];

describe.each(taskLives)('the health server of an orchestrator, %s,', (life) => {
  test('is live and ready while the task runs', { tags: ['quick'] }, async () => {
    const task = await startTask({ life, agent: ['forever'] });
    const url = await task.run.healthUrl();
    await task.run.printed(/task agent started/);
    for (const path of ['/live', '/ready']) {
      const response = await fetch(`${url}${path}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await response.json()).toEqual({
        status: 'OK',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        component: { name: 'orchestrator', version: await version() },
      });
    }
  });

  test('is live but not ready if the entrypoint could not start', async () => {
    const { promise: seen, resolve: answer } = Promise.withResolvers<void>();
    const task = await startTask({
      life,
      config: { cmd: ['/nowhere'] },
      answers: { fail: [{ after: seen }] },
    });
    const url = await task.run.healthUrl();
    await task.api.until((requests) => requests.length === 1);
    expect((await fetch(`${url}/live`)).status).toBe(200);
    const response = await fetch(`${url}/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'Unavailable',
      component: { name: 'orchestrator' },
      failures: { orchestrator: 'not ready' },
    });
    answer();
    expect((await finish(task)).status).toBe(0);
  });

  test('is ready while it waits for the readiness file', async () => {
    const task = await startTask({ life, config: { readiness_file_path: '/nowhere/at/all' } });
    const url = await task.run.healthUrl();
    await waitFor('ready', async () => (await fetch(`${url}/ready`)).status === 200);
  });

  test('answers while the failure is being reported', async () => {
    const { promise: seen, resolve: answer } = Promise.withResolvers<void>();
    const task = await startTask({ life, agent: ['exit=1'], answers: { fail: [{ after: seen }] } });
    const url = await task.run.healthUrl();
    await task.api.until((requests) => requests.length === 1);
    expect((await fetch(`${url}/live`)).status).toBe(200);
    answer();
    expect((await finish(task)).status).toBe(0);
  });

  test('answers while it waits for the end of a grace period', async () => {
    const task = await startTask({
      life,
      agent: ['say=running', 'forever'],
      flags: ['--termination-grace-period=1h'],
    });
    const url = await task.run.healthUrl();
    await task.run.printed(/running/);
    task.run.signal('SIGTERM');
    await task.run.printed(/SIGTERM/);
    for (const path of ['/live', '/ready']) expect((await fetch(`${url}${path}`)).status).toBe(200);
  });
});

test.each([
  ['GET', '/live', 200],
  ['HEAD', '/live', 200],
  ['GET', '/ready', 200],
  ['HEAD', '/ready', 200],
  ['GET', '/live?verbose', 200],
  ['GET', '/', 404],
  ['GET', '/live/', 404],
  ['GET', '/LIVE', 404],
  ['GET', '/debug/pprof/', 404],
  ['GET', '/debug/pprof/cmdline', 404],
  ['GET', '/debug/vars', 404],
  ['HEAD', '/nothing', 404],
  ['POST', '/live', 405],
  ['PUT', '/ready', 405],
  ['DELETE', '/live', 405],
  ['OPTIONS', '/ready', 405],
  ['PATCH', '/live', 405],
])('%s %s is answered by %d', async (method, path, status) => {
  const task = await startTask({ agent: ['forever'] });
  const url = await task.run.healthUrl();
  await task.run.printed(/task agent started/);
  const response = await fetch(`${url}${path}`, { method });
  expect(response.status).toBe(status);
  expect((await response.text()) === '').toBe(method === 'HEAD');
  if (status === 405) expect(response.headers.get('allow')).toBe('GET, HEAD');
});

test('it listens on IPv6 and IPv4', async () => {
  const task = await startTask({ agent: ['forever'] });
  const [, port] = await task.run.printed(/app\.address=\[::\]:(\d+)/);
  for (const host of ['127.0.0.1', '[::1]']) {
    expect((await fetch(`http://${host}:${port}/live`)).status).toBe(200);
  }
});

test('it listens only on IPv4 if there is no IPv6', async () => {
  const task = await startTask({
    agent: ['forever'],
    through: [await buildFakeAgent(), 'deny-ipv6', 'exec'],
  });
  const [, port] = await task.run.printed(/server: new-server admin app\.address=0\.0\.0\.0:(\d+)/);
  expect((await fetch(`http://127.0.0.1:${port}/live`)).status).toBe(200);
});

test.each([
  ['127.0.0.1:0', '127.0.0.1'],
  ['[::1]:0', '[::1]'],
  ['localhost:0', '127.0.0.1'],
])('it listens on %s if told so, and nowhere else', async (address, host) => {
  const task = await startTask({ agent: ['forever'], flags: [`--health-check-addr=${address}`] });
  const [, bound, port] = await task.run.printed(/app\.address=(\S*):(\d+)/);
  expect(bound).toBe(host);
  expect((await fetch(`http://${host}:${port}/live`)).status).toBe(200);
});

test('clients that send rubbish, are slow or leave do not disturb it', async () => {
  const done = join(scratchFolder(), 'done');
  const task = await startTask({ agent: [`wait-file=${done}`] });
  const url = await task.run.healthUrl();
  const sockets = ['\x16\x03\x01\x02\0', 'GET', 'GET / HTTP/9.9\r\n\r\n', '', 'x'.repeat(100_000)].map(
    (text) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(text);
      return socket;
    },
  );
  for (let count = 0; count < 20; count++) expect((await fetch(`${url}/live`)).status).toBe(200);
  for (const socket of sockets) socket.destroy();
  await writeFile(done, '');
  expect(await finish(task)).toMatchObject({ status: 0, stderr: '' });
});
