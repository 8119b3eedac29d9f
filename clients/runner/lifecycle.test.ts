import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Answer } from '../../internal/dev/runner-api/fake-answer.ts';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import { startFakeProxy } from '../../internal/dev/testing/fake-proxy.ts';
import { sharedScratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { createAuthority, type KeyAndCertificate } from '../../internal/dev/testing/tls-fixtures.ts';
import { errorOf, testClient } from './test-client.ts';

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

test.each<Answer>([
  { fault: 'hang' },
  { fault: 'hang-after-headers', status: 500 },
  { fault: 'drip', status: 500 },
])('a signal ends a call during %j at once', async (answer) => {
  api.answer('unclaim', [answer]);
  const abort = new AbortController();
  const limits = { attemptMs: 60_000, totalMs: 60_000 };
  const call = errorOf(testClient(api.url, { signal: abort.signal, limits }).unclaim('task'));
  await api.until((requests) => requests.length === 1);
  abort.abort();
  const error = await call;
  expect(error).toMatchObject({ attempts: 1, cause: abort.signal.reason });
  expect(error.message).toMatch(/interrupted \(1 attempt in /);
});

test('a signal ends the pause between attempts, and the last status stays known', async () => {
  api.answer('unclaim', [{ status: 503 }]);
  const abort = new AbortController();
  const limits = { firstPauseMs: 60_000, longestPauseMs: 60_000, totalMs: 600_000 };
  const call = errorOf(testClient(api.url, { signal: abort.signal, limits }).unclaim('task'));
  await api.until((requests) => requests.length === 1);
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

test.each<Answer>([{ fault: 'hang' }, { status: 503 }])(
  'close ends a call during or after %j before it settles',
  async (answer) => {
    api.answer('fail', [answer]);
    const limits = { attemptMs: 60_000, totalMs: 600_000, firstPauseMs: 60_000, longestPauseMs: 60_000 };
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

const fixture = fileURLToPath(new URL('./call-and-exit.fixture.ts', import.meta.url));

async function callAndExit(...args: string[]): Promise<unknown> {
  // Well above what a healthy run takes, well below the time that a forgotten timer or connection would hold it.
  const { stdout } = await promisify(execFile)(process.execPath, [fixture, ...args], { timeout: 20_000 });
  return JSON.parse(stdout);
}

const fulfilled = { ended: ['fulfilled', 'fulfilled'], reason: '', left: [] };
const rejected = { ended: ['rejected', 'rejected'], left: [] };

test.each<Answer>([{ headers: { 'Keep-Alive': 'timeout=600' } }, { fault: 'endless' }])(
  'the process ends by itself after %j',
  async (answer) => {
    api.answer('unclaim', [answer]);
    expect(await callAndExit(api.url)).toEqual(fulfilled);
  },
);

test('the process ends by itself after an interrupted call', async () => {
  for (const call of ['unclaim', 'fail'] as const) api.answer(call, [{ fault: 'hang' }]);
  expect(await callAndExit(api.url, '', '500')).toMatchObject(rejected);
});

test('the process ends by itself when interrupted during a TLS handshake that nobody answers', async () => {
  const mute = await startFakeProxy({ leadTo: api.port, refuse: -1 });
  expect(await callAndExit(`https://127.0.0.1:${mute.port}`, caFile, '500')).toMatchObject(rejected);
  expect(await callAndExit('https://runner.test', caFile, '500', `127.0.0.1:${mute.port}`)).toMatchObject(
    rejected,
  );
  await mute.close();
});

test('the process ends by itself after a proxy refused tunnels and left its connections open', async () => {
  const proxy = await startFakeProxy({ leadTo: api.port, refuse: 407 });
  expect(await callAndExit('https://runner.test', caFile, '', `127.0.0.1:${proxy.port}`)).toMatchObject(
    rejected,
  );
  await proxy.close();
});

test('the process ends by itself after a tunnel led to a server that is not trusted', async () => {
  const secure = await startFakeRunnerApi({ tls: pair });
  const proxy = await startFakeProxy({ leadTo: secure.port });
  const outcome = await callAndExit('https://stranger.test', caFile, '500', `127.0.0.1:${proxy.port}`);
  expect(outcome).toMatchObject(rejected);
  expect(proxy.requests.length).toBeGreaterThan(2);
  await Promise.all([proxy.close(), secure.close()]);
});

test('the process ends by itself after calls over TLS and through a tunnel', async () => {
  const secure = await startFakeRunnerApi({ tls: pair });
  const proxy = await startFakeProxy({ leadTo: secure.port });
  expect(await callAndExit(secure.url, caFile)).toEqual(fulfilled);
  expect(await callAndExit('https://runner.test', caFile, '', `127.0.0.1:${proxy.port}`)).toEqual(fulfilled);
  expect(proxy.requests).toHaveLength(2);
  await Promise.all([proxy.close(), secure.close()]);
});
