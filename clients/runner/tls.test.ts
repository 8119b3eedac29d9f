import { connect, createServer } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import { startFakeProxy } from '../../internal/dev/testing/fake-proxy.ts';
import { startListening } from '../../internal/dev/testing/start-listening.ts';
import {
  createAuthority,
  type KeyAndCertificate,
  type TestAuthority,
} from '../../internal/dev/testing/tls-fixtures.ts';
import {
  answerBegun,
  errorOf,
  oneAttempt,
  stopClock,
  testClient,
  testToken,
} from './fixtures/test-client.ts';

let authority: TestAuthority;
let pair: KeyAndCertificate;
let ca: string[];
beforeAll(async () => {
  authority = await createAuthority();
  pair = await authority.issue();
  ca = [authority.certificate];
});

let api: FakeRunnerApi | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await api?.close();
});

async function serve(tls: TlsOptions): Promise<FakeRunnerApi> {
  api = await startFakeRunnerApi({ tls });
  return api;
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a server with %s and a certificate of a trusted CA is accepted',
  async (version) => {
    const { url, requests } = await serve({ ...pair, minVersion: version, maxVersion: version });
    await testClient(url, { ca }).unclaim('task');
    await testClient(url.replace('127.0.0.1', 'localhost'), { ca }).fail('alloc', 0, '');
    expect(requests).toHaveLength(2);
  },
);

/** Bytes, less than the usual maximum segment size. */
const onePacket = 1400;

/** A firewall that only understands connections whose first message fits into one packet. It notes their sizes. */
async function startFirewall(leadTo: number, refuse: 'resets' | 'drops' | 'passes') {
  const sizes: number[] = [];
  const headerBytes = 5;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      const size = headerBytes + first.readUInt16BE(3);
      sizes.push(size);
      if (size <= onePacket || refuse === 'passes') {
        const onward = connect(leadTo, '127.0.0.1', () => onward.write(first));
        onward.on('error', () => socket.destroy());
        socket.pipe(onward).pipe(socket);
      } else if (refuse === 'resets') socket.resetAndDestroy();
    });
  });
  return { ...(await startListening(server)), sizes };
}

const small = expect.toSatisfy((size: number) => size <= onePacket);
const large = expect.toSatisfy((size: number) => size > onePacket);

test.each(['resets', 'drops'] as const)(
  'a firewall that %s connections with a large first message is passed from the second attempt on',
  async (refuse) => {
    const { port } = await serve(pair);
    await using firewall = await startFirewall(port, refuse);
    const limits = refuse === 'drops' ? { attemptMs: 1000 } : {};
    const client = testClient(`https://127.0.0.1:${firewall.port}`, { ca, limits });
    await client.unclaim('task');
    await client.fail('alloc', 0, '');
    expect(firewall.sizes).toEqual([large, small, small]);
  },
);

test('such a firewall behind a proxy is passed, too', async () => {
  const { port } = await serve(pair);
  await using firewall = await startFirewall(port, 'resets');
  await using proxy = await startFakeProxy({ leadTo: firewall.port });
  const settings = { HTTPS_PROXY: `127.0.0.1:${proxy.port}` };
  await testClient('https://runner.test', { ca, proxy: settings }).unclaim('task');
  expect(firewall.sizes).toEqual([large, small]);
});

test('a certificate that is refused does not change the keys', async () => {
  const { port } = await serve(await (await createAuthority('Another')).issue());
  await using firewall = await startFirewall(port, 'passes');
  await errorOf(testClient(`https://127.0.0.1:${firewall.port}`, { ca }).unclaim('task'));
  expect(firewall.sizes).toEqual([large, large, large]);
});

test.each(['TLSv1', 'TLSv1.1'] as const)('a server with no more than %s is refused', async (version) => {
  const weak = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
  const { url, requests } = await serve({ ...pair, ...weak });
  const error = await errorOf(testClient(url, { ca, limits: oneAttempt }).unclaim('task'));
  expect(error.message).toMatch(/TLS failed \((EPROTO|ERR_SSL)/);
  expect(requests).toHaveLength(0);
});

test.each(['0', '1', undefined])(
  'an unknown CA is refused with NODE_TLS_REJECT_UNAUTHORIZED=%s',
  async (value) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', value);
    stopClock();
    const { url, requests } = await serve(pair);
    const trust = 'SSL_CERT_FILE is /my/bundle';
    for (const roots of [[], [(await createAuthority('Another')).certificate]]) {
      const error = await errorOf(testClient(url, { ca: roots, trust }).unclaim('task'));
      expect(error.message).toMatch(/the certificate was not accepted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
      expect(error.message).toContain(trust);
      expect(error.message).not.toContain('--use-system-ca');
      expect(error.attempts).toBe(3);
    }
    expect(requests).toHaveLength(0);
  },
);

test('an expired certificate is refused', async () => {
  const { url, requests } = await serve(await authority.issue({ expired: true }));
  const error = await errorOf(testClient(url, { ca, limits: oneAttempt }).unclaim('task'));
  expect(error.message).toMatch(
    /the certificate was not accepted \(CERT_HAS_EXPIRED.*look at the clock of this node/,
  );
  expect(requests).toHaveLength(0);
});

test('a certificate with a weak key is refused, and not for a minute', async () => {
  const weak = { ...(await authority.issue({ weak: true })), ciphers: 'DEFAULT@SECLEVEL=0' };
  const { url, requests } = await serve(weak);
  const error = await errorOf(testClient(url, { ca }).unclaim('task'));
  expect(error.message).toMatch(
    /the certificate was not accepted \(UNSPECIFIED: EE certificate key too weak/,
  );
  expect(error.attempts).toBe(3);
  expect(requests).toHaveLength(0);
});

test('a certificate for other names is refused, and a token among the names is not repeated', async () => {
  const { url, requests } = await serve(await authority.issue({ names: `DNS:${testToken}` }));
  const error = await errorOf(
    testClient(url.replace('127.0.0.1', 'localhost'), { ca, limits: oneAttempt }).unclaim('task'),
  );
  expect(error.message).toContain('the certificate was not accepted (ERR_TLS_CERT_ALTNAME_INVALID');
  expect(error.message).toContain('[REDACTED]');
  expect(error.message + error.cause).not.toContain(testToken);
  expect(requests).toHaveLength(0);
});

test('a server without TLS where TLS is expected is explained', async () => {
  api = await startFakeRunnerApi();
  const error = await errorOf(
    testClient(api.url.replace('http:', 'https:'), { ca, limits: oneAttempt }).unclaim('task'),
  );
  expect(error.message).toMatch(
    /: the server does not speak TLS \(ERR_SSL_[A-Z_]+: [a-z ]+\) .*whether its URL must begin with http:/,
  );
});

test.each(['reset', 'hang-after-headers', 'endless', 'garbage'] as const)(
  '%s over TLS ends with the attempt, and the next attempt succeeds',
  async (fault) => {
    stopClock();
    const { url, ...fake } = await serve(pair);
    fake.answer('unclaim', [{ fault }, {}]);
    const attemptMs = 1000;
    const begun = answerBegun();
    const call = testClient(url, { ca, limits: { attemptMs } }).unclaim('task');
    await begun;
    vi.advanceTimersByTime(attemptMs);
    await call;
  },
);
