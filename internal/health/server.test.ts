import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closedPort } from '../dev/testing/closed-port.ts';
import { open, parse, receive, request, send } from './fixtures/client.ts';
import { component, type StartedHealthServer, startHealthServer } from './fixtures/start.ts';
import { listen as linuxListen } from './listener.linux.ts';
import type { Listen } from './listener.ts';
import { listen as windowsListen } from './listener.windows.ts';

async function start(address?: string, listen?: Listen): Promise<StartedHealthServer> {
  const health = await startHealthServer({ address, listen });
  onTestFinished(() => health.close());
  return health;
}

const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const ok = { status: 'OK', timestamp, component };
const notReady = {
  status: 'Unavailable',
  timestamp,
  component,
  failures: { orchestrator: 'not ready' },
};

it('is live at once, and ready after setReady', async () => {
  const health = await start();
  const live = await request(health.address, 'GET', '/live');
  expect(live.status).toBe(200);
  expect(JSON.parse(live.body)).toEqual(ok);
  const before = await request(health.address, 'GET', '/ready');
  expect(before.status).toBe(503);
  expect(JSON.parse(before.body)).toEqual(notReady);
  health.setReady();
  const after = await request(health.address, 'GET', '/ready');
  expect(after.status).toBe(200);
  expect(JSON.parse(after.body)).toEqual(ok);
});

it('is ready even if a part of the program is not, and names the part', async () => {
  const failures = { 'claims of a.b': 'its token is refused' };
  const health = await startHealthServer({ readiness: () => ({ ready: true, failures }) });
  onTestFinished(() => health.close());
  const { body, status } = await request(health.address, 'GET', '/ready');
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({ ...ok, failures });
});

it('serves the program’s own pages', async () => {
  const text = async () => 'a 1\n';
  const health = await startHealthServer({ pages: { '/metrics': { contentType: 'text/plain', text } } });
  onTestFinished(() => health.close());
  const page = await request(health.address, 'GET', '/metrics?x=1');
  expect({ ...page, type: page.headers.get('content-type') }).toMatchObject({
    status: 200,
    body: 'a 1\n',
    type: 'text/plain',
  });
  expect((await request(health.address, 'POST', '/metrics')).status).toBe(405);
  expect((await request(health.address, 'GET', '/constructor')).body).toBe(
    'not found: there are /live, /ready, /metrics\n',
  );
});

it('answers with JSON, with the fields in the order of the contract', async () => {
  const health = await start();
  const { headers, body } = await request(health.address, 'GET', '/ready');
  expect(Object.keys(JSON.parse(body))).toEqual(['status', 'timestamp', 'component', 'failures']);
  expect(headers.get('content-type')).toBe('application/json');
  expect(headers.get('content-length')).toBe(String(body.length));
  expect(headers.get('connection')).toBe('close');
  expect(Date.parse(headers.get('date') ?? '')).toBeGreaterThan(0);
});

it('answers HEAD like GET without the body', async () => {
  const health = await start();
  const get = await request(health.address, 'GET', '/live');
  const head = await request(health.address, 'HEAD', '/live');
  expect(head.status).toBe(200);
  expect(head.body).toBe('');
  expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
  expect((await request(health.address, 'HEAD', '/ready')).status).toBe(503);
});

it.each<[string, string, number]>([
  ['GET', '/live?verbose=1', 200],
  ['GET', 'http://pod:7623/live', 200],
  ['GET', '/', 404],
  ['GET', '/live/', 404],
  ['GET', '/LIVE', 404],
  ['GET', '//live', 404],
  ['GET', '/debug/pprof/', 404],
  ['HEAD', '/nothing', 404],
  ['POST', '/nothing', 404],
  ['POST', '/live', 405],
  ['PUT', '/ready', 405],
  ['DELETE', '/ready', 405],
  ['OPTIONS', '/live', 405],
  ['CONNECT', 'pod:80', 404],
])('answers %s %s with %i', async (method, target, status) => {
  const health = await start();
  const answer = await request(health.address, method, target);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('allow')).toBe(status === 405 ? 'GET, HEAD' : null);
});

it.each<[string, string]>([
  [
    'a client that asks to switch protocols',
    'GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  ],
  ['HTTP/1.0', 'GET /live HTTP/1.0\r\n\r\n'],
  [
    'a client that wants to keep the connection',
    'GET /live HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n',
  ],
])('answers %s', async (_, bytes) => {
  const health = await start();
  expect(parse(await send(health.address, bytes)).status).toBe(200);
});

it('answers a request that comes byte by byte, and one whose sender has closed its side', async () => {
  const health = await start();
  const socket = open(health.address).setNoDelay();
  const received = receive(socket);
  for (const byte of 'GET /live HTTP/1.1\r\nHost: a\r\n\r\n') {
    await new Promise((resolve) => socket.write(byte, resolve));
  }
  socket.end();
  expect(parse(await received).status).toBe(200);
});

it('sends an answer that the clients of Node can read', async () => {
  const health = await start();
  const response = await fetch(`http://${health.address}/live`);
  expect(await response.json()).toEqual(ok);
  const refused = await fetch(`http://${health.address}/live`, { method: 'POST', body: 'x'.repeat(50_000) });
  expect(refused.status).toBe(405);
});

describe.each([
  ['Linux', linuxListen],
  ['Windows', windowsListen],
])('as on %s', (_system, listen) => {
  it.each([':0', '[::]:0'])('listens on IPv6 and IPv4 at %s', async (address) => {
    const health = await start(address, listen);
    expect(health.address).toMatch(/^\[::\]:\d+$/);
    const port = health.address.slice('[::]:'.length);
    expect((await request(`[::1]:${port}`, 'GET', '/live')).status).toBe(200);
    expect((await request(`127.0.0.1:${port}`, 'GET', '/live')).status).toBe(200);
  });

  it.each<[string, RegExp]>([
    ['127.0.0.1:0', /^127\.0\.0\.1:\d+$/],
    ['0.0.0.0:0', /^0\.0\.0\.0:\d+$/],
    ['localhost:0', /^127\.0\.0\.1:\d+$/],
    ['[::1]:0', /^\[::1\]:\d+$/],
    ['[::1%lo]:0', /^\[::1\]:\d+$/],
  ])('listens at %s alone', async (address, expected) => {
    const health = await start(address, listen);
    expect(health.address).toMatch(expected);
    expect((await request(health.address, 'GET', '/live')).status).toBe(200);
  });

  it.each(['0.0.0.0', '127.0.0.1', '::', '::1'])(
    'says that the port is taken when it is on %s',
    async (host) => {
      const other = createServer().listen({ host, port: 0, ipv6Only: host.includes(':') });
      onTestFinished(() => void other.close());
      await once(other, 'listening');
      const bound = other.address();
      const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
      await expect(startHealthServer({ address: `:${port}`, listen })).rejects.toMatchObject({
        code: 'health-server',
        message: `health server cannot listen on :${port}: the port is taken by another process of this Pod (EADDRINUSE)`,
        cause: { code: 'EADDRINUSE' },
      });
    },
  );

  it('says that the address is not one of this machine', async () => {
    await expect(startHealthServer({ address: '192.0.2.1:7623', listen })).rejects.toMatchObject({
      code: 'health-server',
      message:
        'health server cannot listen on 192.0.2.1:7623: this machine does not have the address (EADDRNOTAVAIL)',
    });
  });

  it('refuses an invalid address', async () => {
    await expect(startHealthServer({ address: '7623', listen })).rejects.toMatchObject({ code: 'usage' });
  });
});

it('ends every connection at once when it is closed, and frees the port', async () => {
  // The port is held beside the server, so that nobody else gets it in between.
  const address = `127.0.0.1:${closedPort()}`;
  const health = await start(address);
  const begun = open(health.address).resume();
  const halfway = open(health.address).resume();
  begun.write('G');
  halfway.write('GET /live HT');
  await Promise.all([once(begun, 'connect'), once(halfway, 'connect')]);
  // Both are accepted once a later one has been answered.
  await request(health.address, 'GET', '/live');
  const ended = Promise.all([once(begun, 'end'), once(halfway, 'end')]);
  health.close();
  await ended;
  await start(address);
  begun.destroy();
  halfway.destroy();
});
