import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import type { ProgrammedAnswer } from '../../internal/dev/runner-api/programmed-answer.ts';
import { startFakeProxy } from '../../internal/dev/testing/fake-proxy.ts';
import { sharedScratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { createAuthority, type KeyAndCertificate } from '../../internal/dev/testing/tls-fixtures.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { answerBegun, errorOf, testClient } from './fixtures/test-client.ts';

let pair: KeyAndCertificate;
const folder = sharedScratchFolder();
let caFile: string;
beforeAll(async () => {
  const authority = await createAuthority();
  pair = await authority.issue();
  caFile = join(folder.path, 'ca.pem');
  await writeFile(caFile, authority.certificate);
});

let api: FakeRunnerApi;
beforeEach(async () => {
  api = await startFakeRunnerApi();
});
afterEach(() => api.close());

test.each<ProgrammedAnswer>([
  { fault: 'hang' },
  { fault: 'hang-after-headers', status: 500 },
  { fault: 'drip', status: 500 },
])('a signal ends a call during %j at once', async (answer) => {
  api.answer('unclaim', [answer]);
  const abort = new AbortController();
  const call = errorOf(testClient(api.url, { signal: abort.signal }).unclaim('task'));
  await api.until((requests) => requests.length === 1);
  abort.abort();
  const error = await call;
  expect(error).toMatchObject({ attempts: 1, cause: abort.signal.reason });
  expect(error.message).toMatch(/interrupted \(1 attempt in /);
});

test('a signal ends the pause between attempts, and the error has the last status', {
  tags: ['timed'],
}, async () => {
  api.answer('unclaim', [{ status: 503 }]);
  const abort = new AbortController();
  const begun = answerBegun();
  const limits = { firstPauseMs: 60_000, longestPauseMs: 60_000 };
  const call = errorOf(testClient(api.url, { signal: abort.signal, limits }).unclaim('task'));
  await begun;
  // Nothing shows when the pause begins. If the signal comes before it, the result is the same.
  setTimeout(() => abort.abort(), 50);
  expect(await call).toMatchObject({ attempts: 1, status: 503 });
});

test('a signal that has fired, and a client that was closed, make no calls', async () => {
  const stopped = testClient(api.url, { signal: AbortSignal.abort() });
  expect(await errorOf(stopped.unclaim('task'))).toMatchObject({ attempts: 0 });
  const closed = testClient(api.url);
  await closed.close();
  expect(await errorOf(closed.fail('alloc', 0, ''))).toMatchObject({ attempts: 0 });
  expect(api.requests).toHaveLength(0);
});

test.each<ProgrammedAnswer>([{ fault: 'hang' }, { status: 503 }])(
  'close ends a call during or after %j before it settles',
  async (answer) => {
    api.answer('fail', [answer]);
    const limits = { firstPauseMs: 60_000, longestPauseMs: 60_000 };
    const client = testClient(api.url, { limits });
    let message = '';
    const call = errorOf(client.fail('alloc', 0, '')).then((error) => {
      message = error.message;
    });
    await api.until((requests) => requests.length === 1);
    await client.close();
    expect(message).toContain('interrupted');
    await call;
  },
);

const fixture = fileURLToPath(new URL('./fixtures/call-and-exit.ts', import.meta.url));

/** The fixture's output. The fixture is interrupted as soon as the promise settles. */
async function callAndExit(args: readonly string[], interruption?: Promise<unknown>): Promise<unknown> {
  // Well above the time of a healthy run, and well below what a forgotten timer or connection would take.
  const call = promisify(execFile)(process.execPath, [fixture, ...args], { timeout: 60_000 });
  void interruption?.then(() => call.child.kill('SIGTERM'));
  return JSON.parse((await call).stdout);
}

const fulfilled = { ended: ['fulfilled', 'fulfilled'], reason: '', left: [] };
const rejected = { ended: ['rejected', 'rejected'], left: [] };

test.each<ProgrammedAnswer>([{ headers: { 'Keep-Alive': 'timeout=600' } }, { fault: 'endless' }])(
  'the process ends by itself after %j',
  async (answer) => {
    api.answer('unclaim', [answer]);
    expect(await callAndExit([api.url])).toEqual(fulfilled);
  },
);

test('the process ends by itself after an interrupted call', async () => {
  for (const call of ['unclaim', 'fail'] as const) api.answer(call, [{ fault: 'hang' }]);
  const underWay = api.until((requests) => requests.length === 2);
  expect(await callAndExit([api.url], underWay)).toMatchObject(rejected);
});

test('the process ends by itself when interrupted during a TLS handshake that nobody answers', async () => {
  const mute = createServer((socket) => socket.on('error', () => {}));
  await once(mute.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void mute.close());
  const { port } = mute.address() as AddressInfo;
  for (const way of [
    [`https://127.0.0.1:${port}`, caFile],
    ['https://runner.test', caFile, `https://127.0.0.1:${port}`],
  ]) {
    expect(await callAndExit(way, connections(mute, 2))).toMatchObject(rejected);
  }
});

test('the process ends by itself when interrupted while a proxy makes it wait for a tunnel', async () => {
  const mute = await startFakeProxy({ leadTo: api.port, refuse: -1 });
  const underWay = waitFor('two tunnels', () => mute.requests.length === 2);
  const way = ['https://runner.test', caFile, `127.0.0.1:${mute.port}`];
  expect(await callAndExit(way, underWay)).toMatchObject(rejected);
  await mute.close();
});

test('the process ends by itself after a proxy refused tunnels and left its connections open', async () => {
  const proxy = await startFakeProxy({ leadTo: api.port, refuse: 407 });
  const way = ['https://runner.test', caFile, `127.0.0.1:${proxy.port}`];
  expect(await callAndExit(way)).toMatchObject(rejected);
  await proxy.close();
});

test('the process ends by itself after a tunnel led to a server that is not trusted', async () => {
  const secure = await startFakeRunnerApi({ tls: pair });
  const proxy = await startFakeProxy({ leadTo: secure.port });
  const underWay = waitFor('second attempts', () => proxy.requests.length > 2);
  const way = ['https://stranger.test', caFile, `127.0.0.1:${proxy.port}`];
  expect(await callAndExit(way, underWay)).toMatchObject(rejected);
  await Promise.all([proxy.close(), secure.close()]);
});

test('the process ends by itself after calls over TLS and through a tunnel', async () => {
  const secure = await startFakeRunnerApi({ tls: pair });
  const proxy = await startFakeProxy({ leadTo: secure.port });
  expect(await callAndExit([secure.url, caFile])).toEqual(fulfilled);
  const way = ['https://runner.test', caFile, `127.0.0.1:${proxy.port}`];
  expect(await callAndExit(way)).toEqual(fulfilled);
  expect(proxy.requests).toHaveLength(2);
  await Promise.all([proxy.close(), secure.close()]);
});

/** Settles when this many more clients have connected. */
async function connections(server: Server, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await once(server, 'connection');
}
