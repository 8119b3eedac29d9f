/** @module-tag timed */
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import type { ProgrammedAnswer } from '../../internal/dev/runner-api/programmed-answer.ts';
import { closedPort } from '../../internal/dev/testing/closed-port.ts';
import {
  answerBegun,
  errorOf,
  fewAttempts,
  oneAttempt,
  stopClock,
  testClient,
  testRunnerApi,
  testToken,
} from './fixtures/test-client.ts';

let api: FakeRunnerApi;
beforeEach(async () => {
  api = await startFakeRunnerApi();
});
afterEach(() => api.close());

test.each<[ProgrammedAnswer, RegExp]>([
  [{ fault: 'reset' }, /closed before the answer was complete \(ECONNRESET/],
  [{ fault: 'close' }, /closed before the answer was complete \(UND_ERR_SOCKET/],
  [{ fault: 'garbage' }, /the answer is not HTTP/],
  [{ headers: { 'X-Large': 'x'.repeat(100_000) } }, /headers of the answer are too large/],
])('%j is tried again and explained', async (answer, message) => {
  stopClock();
  api.answer('unclaim', [answer]);
  const error = await errorOf(testClient(api.url, { limits: fewAttempts }).unclaim('task'));
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('\n');
  expect(error.attempts).toBeGreaterThan(1);
  expect(api.requests).toHaveLength(error.attempts);
});

test.each<ProgrammedAnswer>([{ fault: 'hang' }, { delayMs: 600_000 }])(
  '%j ends when its time is up, and is explained',
  async (answer) => {
    stopClock();
    api.answer('unclaim', [answer]);
    const call = errorOf(testClient(api.url, { limits: oneAttempt }).unclaim('task'));
    await api.until((requests) => requests.length === 1);
    vi.advanceTimersByTime(oneAttempt.attemptMs);
    expect((await call).message).toContain('no answer within 60.0 s (1 attempt in 60.0 s)');
  },
);

test('a failure whose body never comes ends when its time is up, and is explained by its status', async () => {
  stopClock();
  api.answer('unclaim', [{ status: 503, fault: 'hang-after-headers' }]);
  const begun = answerBegun();
  const call = errorOf(testClient(api.url, { limits: oneAttempt }).unclaim('task'));
  await begun;
  vi.advanceTimersByTime(oneAttempt.attemptMs);
  expect((await call).message).toContain('HTTP status 503');
});

test.each<ProgrammedAnswer>([
  { body: '{"a":"body"}', headers: { 'Content-Type': 'application/json' } },
  { status: 204 },
  { fault: 'hang-after-headers' },
  { fault: 'reset-after-headers' },
  { fault: 'drip' },
  { fault: 'endless' },
  { interim: [100] },
  { interim: [103, 100, 102, 100] },
  { delayMs: 30, interim: [100] },
])('%j counts as success once, whatever becomes of its body', async (answer) => {
  stopClock();
  const begun = answerBegun();
  api.answer('unclaim', [{ ...answer, headersRead: begun }]);
  const attemptMs = 1000;
  const call = testClient(api.url, { limits: { attemptMs } }).unclaim('task');
  await begun;
  vi.advanceTimersByTime(attemptMs);
  await call;
  expect(api.requests).toHaveLength(1);
});

test('a claim gives the task of an answer that came in time while this process was paused', async () => {
  stopClock();
  const raw = await startRawServer((socket) => {
    socket.once('data', () => {
      const task = '{"task_token":"t","allocation":"a","resource_class":"n/c"}';
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${task.length}\r\n\r\n${task}`);
      const pastLimit = pause(1).then(() => vi.advanceTimersByTime(oneAttempt.attemptMs));
      blockFor(5);
      return pastLimit;
    });
  });
  const claim = { token: testToken, name: 'n', hostname: 'h', ip: '192.0.2.1', version: '1' };
  const answer = await testRunnerApi(raw.url, { limits: oneAttempt }).claim(claim);
  expect(answer.task).toEqual({ token: 't', allocation: 'a', resourceClass: 'n/c' });
  raw.server.close();
});

test('interim answers are skipped, however they are split into packets', async () => {
  const bytes = 'HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\nHTTP/1.0 103 Hints\r\n\r\nHTTP/1.1 204 Done\r\n\r\n';
  const raw = await startRawServer(async (socket) => {
    for (const byte of bytes) {
      socket.write(byte);
      await new Promise(setImmediate);
    }
  });
  await testClient(raw.url).unclaim('task');
  raw.server.close();
});

test('a port that nobody listens on is tried again and named', async () => {
  stopClock();
  const port = closedPort();
  const error = await errorOf(
    testClient(`http://127.0.0.1:${port}`, { limits: fewAttempts }).unclaim('task'),
  );
  expect(error.message).toContain(
    `the connection was refused (ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:${port})`,
  );
  expect(error.attempts).toBeGreaterThan(1);
});

test('a host that does not exist is named', async () => {
  const error = await errorOf(testClient('http://runner.invalid', { limits: oneAttempt }).unclaim('task'));
  expect(error.message).toMatch(/host name .*runner\.invalid/);
  expect(error.status).toBeUndefined();
});

test('a name with addresses of both families finds the server on the one that it listens on', async () => {
  await testClient(api.url.replace('127.0.0.1', 'localhost')).unclaim('task');
  expect(api.requests).toHaveLength(1);
});

test('an IPv6 address is dialled as such', async () => {
  const port = closedPort('::1');
  const error = await errorOf(testClient(`http://[::1]:${port}`, { limits: oneAttempt }).unclaim('task'));
  expect(error.message).toContain(`connect ECONNREFUSED ::1:${port}`);
});

test('an endless body is cut off before the time is up', async () => {
  stopClock();
  api.answer('unclaim', [{ fault: 'endless' }]);
  await testClient(api.url).unclaim('task');
  expect(api.requests).toHaveLength(1);
});

test('no error holds the token, not even when the server sends back what it was sent', async () => {
  const echo = await startRawServer((socket) => void socket.on('data', (data) => socket.write(data)));
  const close = await startRawServer((socket) => void socket.once('data', () => socket.destroy()));
  for (const { url, server } of [echo, close]) {
    const error = await errorOf(testClient(url, { limits: oneAttempt }).unclaim('task'));
    expect(everythingIn(error)).not.toContain(testToken);
    server.close();
  }
  api.answer('unclaim', [{ status: 404, body: testToken, headers: { 'X-Token': testToken } }]);
  expect(everythingIn(await errorOf(testClient(api.url).unclaim('task')))).not.toContain(testToken);
  expect(everythingIn(testClient(api.url))).not.toContain(testToken);
});

/** Keeps this thread for a time in ms, so that the event loop then runs due timers before it reads from sockets. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function everythingIn(value: unknown): string {
  return inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null });
}

async function startRawServer(serve: (socket: Socket) => unknown): Promise<{ url: string; server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, server };
}
