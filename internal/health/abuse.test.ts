/** @module-tag timed */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished, vi } from 'vitest';
import { open, parse, receive, request, send } from './fixtures/client.ts';
import { type HealthChecks, startHealthServer } from './fixtures/start.ts';
import type { HealthServer } from './server.ts';

/** Ends a wait that would never end. */
const hangMs = 60_000;

const serve = join(import.meta.dirname, 'fixtures/serve.ts');

async function start(options: HealthChecks = {}): Promise<HealthServer> {
  const health = await startHealthServer(options);
  onTestFinished(() => health.close());
  return health;
}

/** A server in its own process. `prefix` is shell code that runs before it. */
async function startProcess(options: HealthChecks, args: string[] = [], prefix = ':') {
  const command = `${prefix}; exec "$0" "$@"`;
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      command,
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      serve,
      JSON.stringify(options),
      ...args,
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => (await output.next()).value ?? '';
  return { address: await nextLine(), nextLine, stdin: child.stdin };
}

/** Unlike `once`, this accepts a reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Opens connections that send these bytes. Settles when each of them is open, or closed again. */
async function openMany(address: string, count: number, bytes = ''): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => open(address).resume());
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(
    sockets.map((socket) => {
      socket.write(bytes);
      return Promise.race([closed(socket), new Promise((resolve) => socket.once('connect', resolve))]);
    }),
  );
  return sockets;
}

/** A server with a stopped clock, and a way to move the clock past the lifetime of every open connection. */
async function startWithClock(): Promise<{ health: HealthServer; passLifetime: () => void }> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const maxLifetimeMs = 10_000;
  return {
    health: await start({ maxLifetimeMs }),
    passLifetime: () => {
      vi.advanceTimersByTime(maxLifetimeMs);
      vi.useRealTimers();
    },
  };
}

it('listens only on IPv4 if the kernel has no IPv6', async () => {
  const { address } = await startProcess({}, ['without-ipv6']);
  expect(address).toMatch(/^0\.0\.0\.0:\d+$/);
  expect((await request(address.replace('0.0.0.0', '127.0.0.1'), 'GET', '/live')).status).toBe(200);
});

it('has no timer when idle', async () => {
  const server = await startProcess({ address: '127.0.0.1:0' });
  await request(server.address, 'GET', '/live');
  await vi.waitFor(async () => {
    server.stdin.write('what keeps you?\n');
    expect(JSON.parse(await server.nextLine())).not.toContain('Timeout');
  }, hangMs);
});

it.each<[string, string]>([
  ['that sends nothing', ''],
  ['that stops in the middle of a request', 'GET /live HT'],
  ['that never ends its header', 'GET /live HTTP/1.1\r\n'],
])('ends a connection %s when its time is up', async (_, bytes) => {
  const health = await start({ maxLifetimeMs: 100 });
  const socket = open(health.address).resume();
  if (bytes) socket.write(bytes);
  await closed(socket);
});

it('ends a connection that keeps sending, however slowly, when its time is up', async () => {
  const health = await start({ maxLifetimeMs: 100 });
  const socket = open(health.address).resume();
  socket.write('GET /live HTTP/1.1\r\n');
  const timer = setInterval(() => socket.write('X: y\r\n'), 10);
  await closed(socket);
  clearInterval(timer);
});

it('ends a connection whose client closes its side without a request', async () => {
  const health = await start();
  const socket = open(health.address).resume();
  socket.end('GET /li');
  await once(socket, 'end');
});

it('drops a client that never closes after its answer', async () => {
  const { health, passLifetime } = await startWithClock();
  const socket = open(health.address).resume();
  socket.write('GET /live HTTP/1.1\r\n\r\n');
  await once(socket, 'end');
  passLifetime();
  // A client that has read to the end only notices by writing that the connection is gone.
  await vi.waitFor(() => {
    socket.write('x');
    expect(socket.closed).toBe(true);
  }, hangMs);
});

it.each<[string, string | Buffer]>([
  ['another protocol', 'SSH-2.0-client\r\n'],
  ['TLS', Buffer.from('16030100ea010000e603030a0d0a0d', 'hex')],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
])('answers %s with 400', async (_, bytes) => {
  const health = await start();
  expect(parse(await send(health.address, bytes)).status).toBe(400);
});

it.each<[string, string]>([
  ['many fields', `GET /live HTTP/1.1\r\n${'X: y\r\n'.repeat(3000)}\r\n`],
  ['a field that never ends', `GET /live HTTP/1.1\r\nX: ${'y'.repeat(9000)}`],
  ['a first line that never ends', 'A'.repeat(100_000)],
])('answers %s with 431', async (_, bytes) => {
  const health = await start();
  expect(parse(await send(health.address, bytes)).status).toBe(431);
});

it('answers one request per connection, however many are sent', async () => {
  const health = await start();
  const received = await send(health.address, 'GET /live HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1000));
  expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
});

it('stops reading from a client that keeps sending after its answer', async () => {
  const { health, passLifetime } = await startWithClock();
  const socket = open(health.address);
  socket.write('POST /live HTTP/1.1\r\n\r\n');
  const answer = receive(socket);
  const chunk = Buffer.alloc(1024 * 1024);
  let sent = 0;
  for (let count = 0; count < 64; count++) {
    socket.write(chunk, (error) => {
      if (!error) sent++;
    });
  }
  expect(parse(await answer).status).toBe(405);
  // When all of these are answered, a server that kept reading would have read everything.
  for (let count = 0; count < 100; count++) await request(health.address, 'GET', '/live');
  expect(sent).toBeLessThan(32);
  passLifetime();
  await closed(socket);
});

it('survives clients that reset their connection', async () => {
  const { address } = await startProcess({ address: '127.0.0.1:0' });
  for (let index = 0; index < 50; index++) {
    const socket = open(address);
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write('GET /live HTTP/1.1\r\n', resolve));
    socket.resetAndDestroy();
  }
  expect((await request(address, 'GET', '/live')).status).toBe(200);
});

it.each<[string, string | undefined]>([
  ['idle', undefined],
  ['garbage', '\u0000\u0001\u0002'],
  ['unfinished', 'GET /live HTTP/1.1\r\nX:'],
])('answers every probe among 3,000 %s connections', async (_, bytes) => {
  const { address } = await startProcess({ address: '127.0.0.1:0' });
  await openMany(address, 3000, bytes);
  for (let probe = 0; probe < 20; probe++) {
    expect((await request(address, 'GET', '/live')).status).toBe(200);
  }
});

it('answers a probe with a slow request, however many connections come in between', async () => {
  const health = await start({ maxConnections: 3 });
  const probe = open(health.address);
  await once(probe, 'connect');
  await openMany(health.address, 10);
  // All connections from before an answered one have been accepted, if they ever will be.
  await request(health.address, 'GET', '/live');
  const answer = receive(probe);
  probe.write('GET /live HTTP/1.1\r\n\r\n');
  expect(parse(await answer).status).toBe(200);
});

it('keeps the newest connections when there are too many', async () => {
  const health = await start({ maxConnections: 3 });
  const sockets: Socket[] = [];
  const ended: number[] = [];
  for (let index = 0; index < 6; index++) {
    const [socket] = await openMany(health.address, 1, 'G');
    if (!socket) break;
    socket.once('close', () => ended.push(index));
    sockets.push(socket);
  }
  await vi.waitFor(() => expect(ended).toEqual([0, 1, 2]), hangMs);
  const answer = receive(sockets[3] ?? open(''));
  sockets[3]?.write('ET /live HTTP/1.1\r\n\r\n');
  expect(parse(await answer).status).toBe(200);
});

it('survives a lack of descriptors, and answers when there are some again', async () => {
  const { address } = await startProcess({ address: '127.0.0.1:0' }, [], 'ulimit -n 48');
  const sockets = await openMany(address, 200, 'G');
  await vi.waitFor(
    () => expect(sockets.filter((socket) => socket.closed).length).toBeGreaterThan(100),
    hangMs,
  );
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(async () => expect((await request(address, 'GET', '/live')).status).toBe(200), hangMs);
});

it('answers every probe with few descriptors if it knows how many connections it may hold', async () => {
  const { address } = await startProcess({ address: '127.0.0.1:0', maxConnections: 8 }, [], 'ulimit -n 48');
  await openMany(address, 200, 'G');
  for (let probe = 0; probe < 20; probe++) {
    expect((await request(address, 'GET', '/live')).status).toBe(200);
  }
});

it('answers 2,000 probes in a row and leaves no connection behind', async () => {
  const health = await start();
  for (let round = 0; round < 100; round++) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => request(health.address, 'GET', '/live')),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  }
});
