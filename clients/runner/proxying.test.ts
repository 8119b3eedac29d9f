import { inspect } from 'node:util';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import { type FakeProxy, startFakeProxy } from '../../internal/dev/testing/fake-proxy.ts';
import {
  createAuthority,
  type KeyAndCertificate,
  type TestAuthority,
} from '../../internal/dev/testing/tls-fixtures.ts';
import {
  errorOf,
  fewAttempts,
  oneAttempt,
  stopClock,
  testClient,
  testToken,
} from './fixtures/test-client.ts';
import type { Limits } from './limits.ts';

let authority: TestAuthority;
let pair: KeyAndCertificate;
let ca: string[];
beforeAll(async () => {
  authority = await createAuthority();
  pair = await authority.issue();
  ca = [authority.certificate];
});

const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function start({
  targetTls,
  proxyTls,
  refuse,
  limits = {},
}: {
  targetTls: boolean;
  proxyTls: boolean;
  refuse?: number;
  limits?: Partial<Limits>;
}) {
  const api: FakeRunnerApi = await startFakeRunnerApi(targetTls ? { tls: pair } : {});
  const proxy: FakeProxy = await startFakeProxy({
    leadTo: api.port,
    ...(proxyTls ? { tls: pair } : {}),
    ...(refuse === undefined ? {} : { refuse }),
  });
  open.push(api, proxy);
  const proxyUrl = `${proxyTls ? 'https://' : ''}someone:s%C3%A4same@127.0.0.1:${proxy.port}`;
  const settings = { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl };
  const baseUrl = `${targetTls ? 'https' : 'http'}://runner.test`;
  return { api, proxy, client: testClient(baseUrl, { proxy: settings, ca, limits }) };
}

const authorization = `Basic ${Buffer.from('someone:säsame').toString('base64')}`;

test.each([false, true])(
  'http goes through a proxy (TLS to it: %s) with the absolute form of the target',
  async (proxyTls) => {
    const { api, proxy, client } = await start({ targetTls: false, proxyTls });
    await client.unclaim('task');
    expect(proxy.requests).toMatchObject([
      {
        method: 'POST',
        target: 'http://runner.test/api/v3/runner/unclaim',
        headers: { host: 'runner.test', 'proxy-authorization': authorization },
      },
    ]);
    expect(api.of('task')).toMatchObject([{ headers: { authorization: `Bearer ${testToken}` } }]);
  },
);

test.each([false, true])(
  'https goes through a tunnel (TLS to the proxy: %s) that sees no token',
  async (proxyTls) => {
    const { api, proxy, client } = await start({ targetTls: true, proxyTls });
    await client.unclaim('task');
    await client.fail('alloc', 0, 'message');
    expect(proxy.requests).toMatchObject([
      { method: 'CONNECT', target: 'runner.test:443', headers: { 'proxy-authorization': authorization } },
      { method: 'CONNECT', target: 'runner.test:443' },
    ]);
    expect(inspect(proxy.requests, { depth: 9 })).not.toContain(testToken);
    expect(api.requests).toMatchObject([{ headers: { host: 'runner.test' } }, { key: 'alloc' }]);
    expect(api.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  },
);

test('a tunnel leads to the port that the base URL names', async () => {
  const { api, proxy } = await start({ targetTls: true, proxyTls: false });
  const settings = { https_proxy: `127.0.0.1:${proxy.port}` };
  await testClient('https://runner.test:8443/prefix/', { proxy: settings, ca }).unclaim('task');
  expect(proxy.requests[0]?.target).toBe('runner.test:8443');
  expect(api.requests[0]).toMatchObject({
    path: '/prefix/api/v3/runner/unclaim',
    headers: { host: 'runner.test:8443' },
  });
});

test('an IPv6 address is proxied and verified as an address', async () => {
  const { api, proxy } = await start({ targetTls: true, proxyTls: false });
  const settings = { HTTPS_PROXY: `127.0.0.1:${proxy.port}` };
  await testClient('https://[2001:db8::1]', { proxy: settings, ca }).unclaim('task');
  expect(proxy.requests[0]?.target).toBe('[2001:db8::1]:443');
  expect(api.requests[0]?.headers.host).toBe('[2001:db8::1]');
  const other = testClient('https://[2001:db8::2]', { proxy: settings, ca, limits: oneAttempt });
  expect((await errorOf(other.unclaim('task'))).message).toContain('ALTNAME_INVALID');
});

test.each([407, 403])(
  "a proxy's %d is final, and the error shows the proxy but no credentials",
  async (refuse) => {
    for (const targetTls of [false, true]) {
      const { proxy, client } = await start({ targetTls, proxyTls: false, refuse });
      const error = await errorOf(client.unclaim('task'));
      expect(error.message).toContain(`through the proxy 127.0.0.1:${proxy.port}`);
      expect(error.message).toContain(`HTTP status ${refuse}`);
      expect(error.message.includes('percent-encoded: http://user:password@host:port')).toBe(refuse === 407);
      expect(error.attempts).toBe(1);
      expect(inspect(error, { depth: 99, showHidden: true })).not.toMatch(/same|someone|test-token/);
    }
  },
);

test.each([502, 0])('a proxy that refuses with %d (0: hangs up) is tried again', async (refuse) => {
  stopClock();
  for (const targetTls of [false, true]) {
    const { proxy, client } = await start({ targetTls, proxyTls: false, refuse, limits: fewAttempts });
    const error = await errorOf(client.unclaim('task'));
    expect(error.attempts).toBeGreaterThan(1);
    expect(proxy.requests).toHaveLength(error.attempts);
  }
});

test('a proxy whose certificate is not trusted gets neither credentials nor requests', async () => {
  for (const targetTls of [false, true]) {
    const { proxy } = await start({ targetTls, proxyTls: true });
    const url = `https://someone:sesame@127.0.0.1:${proxy.port}`;
    const client = testClient(`${targetTls ? 'https' : 'http'}://runner.test`, {
      proxy: { HTTP_PROXY: url, HTTPS_PROXY: url },
      ca: [(await createAuthority('Another')).certificate],
      limits: oneAttempt,
    });
    expect((await errorOf(client.unclaim('task'))).message).toContain('the certificate was not accepted');
    expect(proxy.requests).toHaveLength(0);
  }
});

test("the target's certificate is verified inside a tunnel too", async () => {
  const { api, proxy } = await start({ targetTls: true, proxyTls: false });
  const settings = { HTTPS_PROXY: `127.0.0.1:${proxy.port}` };
  const client = testClient('https://stranger.test', { proxy: settings, ca, limits: oneAttempt });
  expect((await errorOf(client.unclaim('task'))).message).toMatch(
    /certificate was not accepted.*stranger\.test/,
  );
  expect(api.requests).toHaveLength(0);
});

test('a tunnel in which nothing happens ends with the attempt', async () => {
  stopClock();
  const { api, client } = await start({ targetTls: true, proxyTls: false, limits: oneAttempt });
  api.answer('unclaim', [{ fault: 'hang' }]);
  const call = errorOf(client.unclaim('task'));
  await api.until((requests) => requests.length === 1);
  vi.advanceTimersByTime(oneAttempt.attemptMs);
  expect((await call).message).toContain('no answer within');
  await client.close();
});

test('NO_PROXY and this machine itself bypass the proxy', async () => {
  const { api, proxy } = await start({ targetTls: false, proxyTls: false });
  await testClient(api.url, { proxy: { HTTP_PROXY: `127.0.0.1:${proxy.port}` } }).unclaim('task');
  expect(proxy.requests).toHaveLength(0);
});

test('an invalid proxy setting is ignored, and mentioned if the direct connection fails', async () => {
  const api = await startFakeRunnerApi({ answers: { unclaim: [{}, { status: 400 }] } });
  open.push(api);
  const client = testClient('http://runner.invalid', {
    proxy: { HTTP_PROXY: 'socks5://someone:sesame@127.0.0.1' },
    limits: oneAttempt,
  });
  const error = await errorOf(client.unclaim('task'));
  expect(error.message).toContain('directly: HTTP_PROXY is not an http or https URL and was ignored');
  expect(error.message).not.toContain('sesame');
});
