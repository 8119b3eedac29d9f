import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import type { ProgrammedAnswer } from '../../internal/dev/runner-api/programmed-answer.ts';
import { startFakeProxy } from '../../internal/dev/testing/fake-proxy.ts';
import { startListening } from '../../internal/dev/testing/start-listening.ts';
import { createAuthority } from '../../internal/dev/testing/tls-fixtures.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { createDialer } from '../../internal/http/dial.ts';
import { planRoute } from '../../internal/http/route.ts';
import { Connections } from './connection.ts';
import { errorOf, stopClock, testRunnerApi, testToken } from './fixtures/test-client.ts';
import { type OutgoingRequest, sendOnce } from './send-once.ts';

const step = { taskToken: testToken, id: 1 };
const forever = new AbortController().signal;
let api: FakeRunnerApi;
beforeEach(async () => {
  // A machine that is busy for seconds ends no connection.
  stopClock();
  api = await startFakeRunnerApi({ answers: { 'task-configuration': [{ body: '{"task_id":"task"}' }] } });
});
afterEach(() => api.close());

/** A client like the controller's, which notes the status of each attempt, or 0. */
function startClient(url = api.url) {
  const statuses: number[] = [];
  const client = testRunnerApi(url, { observe: (_call, status) => statuses.push(status) });
  onTestFinished(() => client.close());
  const output = (sequence: number, signal = forever) =>
    client.steps.output(step, sequence, Buffer.from('text'), signal);
  return { client, output, statuses };
}

test('the configuration and the steps of a task share a connection, and every other call has its own', async () => {
  const { client, output } = startClient();
  await client.claim({ token: testToken, name: 'a', hostname: 'a', ip: '192.0.2.1', version: '1' });
  await client.taskConfiguration(testToken, forever);
  await client.steps.start(step, {
    ...{ type: '', phase: '', name: '', command: '', insignificant: false },
  });
  await output(0);
  await client.unclaim({ taskToken: testToken, taskId: 'task' });
  await client.steps.end(step, 'success');
  await client.fail({ taskToken: testToken, allocation: 'a', timestampMs: 0, message: '' });
  expect([api.requests.length, api.connections]).toEqual([7, 4]);
});

test('steps share a TLS connection through the tunnel of a proxy', async () => {
  const authority = await createAuthority();
  await using secure = await startFakeRunnerApi({ tls: await authority.issue() });
  await using proxy = await startFakeProxy({ leadTo: secure.port });
  const settings = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
  const access = { ca: [authority.certificate], proxy: settings };
  const client = testRunnerApi('https://runner.test', access);
  onTestFinished(() => client.close());
  for (const sequence of [0, 1, 2]) await client.steps.output(step, sequence, Buffer.from('text'));
  expect(secure.requests).toHaveLength(3);
  expect(proxy.requests).toMatchObject([{ method: 'CONNECT', target: 'runner.test:443' }]);
});

test('calls at the same time have a connection each, which later calls use', async () => {
  const { output } = startClient();
  await Promise.all([output(0), output(1), output(2)]);
  await Promise.all([output(3), output(4), output(5)]);
  expect([api.requests.length, api.connections]).toEqual([6, 3]);
});

test.each<[string, ProgrammedAnswer, number]>([
  ['has unasked interim answers', { interim: [100, 103] }, 1],
  ['refuses the call', { status: 403, body: 'no' }, 1],
  ['says that the connection ends', { headers: { Connection: 'close' } }, 3],
])('after an answer that %s: %j, the next call succeeds', async (_what, answer, connections) => {
  const { output, statuses } = startClient();
  api.answer('step-output', [answer, answer, {}]);
  for (const sequence of [0, 1, 2]) await output(sequence).catch(() => {});
  const status = answer.status ?? 200;
  expect(statuses).toEqual([status, status, 200]);
  expect(api.connections).toBe(connections);
});

test('a call that is cut off leaves no connection to the next one', async () => {
  const { output } = startClient();
  await output(0);
  api.answer('step-output', [{ fault: 'hang' }, {}]);
  const abort = new AbortController();
  const call = errorOf(output(1, abort.signal));
  await api.until((requests) => requests.length === 2);
  abort.abort();
  await call;
  await output(2);
  expect([api.requests.length, api.connections]).toEqual([3, 2]);
});

/** A server of whose connections a test disposes. */
async function startServer() {
  const requests: string[] = [];
  const answered: number[] = [];
  let breaks = false;
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const isReused = answered.includes(request.socket.remotePort ?? 0);
    answered.push(request.socket.remotePort ?? 0);
    if (breaks && isReused) request.socket.destroy();
    else response.end();
  });
  const { port } = untilTestEnds(await startListening(server));
  const connections = () =>
    new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
  return {
    ...{ url: `http://127.0.0.1:${port}`, server, requests, connections },
    breakReused: () => {
      breaks = true;
    },
  };
}

/** One connection, which waits for another request. */
async function idleConnection(url: string) {
  const connections = new Connections(url, planRoute(url, {}, createDialer([]).dial));
  onTestFinished(() => connections.close());
  const connection = connections.take(false);
  const request: OutgoingRequest = {
    ...{ path: '/', headers: {}, body: null, maxAnswerBytes: 0, keepsConnection: true },
    method: 'GET',
  };
  await sendOnce(request, connection, 60_000, forever, () => {});
  await connections.leave(connection);
  return { connection, connections };
}

test('a connection that the server has ended is left to nobody', async () => {
  const { server, url } = await startServer();
  const { connection, connections } = await idleConnection(url);
  server.closeIdleConnections();
  await waitFor('the end of the connection', () => !connection.isReusable);
  expect(connections.take(true)).not.toBe(connection);
});

test('a connection is left to nobody when it is a minute old, because names move to other addresses', async () => {
  const { url } = await startServer();
  vi.useFakeTimers({ toFake: ['performance'] });
  const { connection, connections } = await idleConnection(url);
  vi.advanceTimersByTime(59_999);
  expect(connections.take(true)).toBe(connection);
  await connections.leave(connection);
  vi.advanceTimersByTime(1);
  expect(connections.take(true)).not.toBe(connection);
});

test('a connection that ends with the next request costs an attempt, and the next one has a new connection', async () => {
  const { breakReused, requests, url } = await startServer();
  const { output, statuses } = startClient(url);
  await Promise.all([output(0), output(1)]);
  breakReused();
  await output(2);
  expect(statuses).toEqual([200, 200, 0, 200]);
  expect(requests).toHaveLength(4);
});

test('a closed client leaves no connection', async () => {
  const { connections, url } = await startServer();
  const { client, output } = startClient(url);
  await Promise.all([output(0), output(1)]);
  expect(await connections()).toBe(2);
  await client.close();
  await waitFor('the end of the connections', async () => (await connections()) === 0);
});
