import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { closedPort } from './closed-port.ts';

async function listen(port: number): Promise<number> {
  const server = createServer();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

test.each(['127.0.0.1', '::1'])('refuses connections at %s', async (host) => {
  const socket = connect({ host, port: closedPort(host) });
  await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('is given to no server that asks for any port', async () => {
  const held = new Set(Array.from({ length: 500 }, () => closedPort()));
  const given = await Promise.all(Array.from({ length: 500 }, () => listen(0)));
  expect(given.filter((port) => held.has(port))).toEqual([]);
});

test('is there for a server that asks for it', async () => {
  const port = closedPort();
  expect(await listen(port)).toBe(port);
});
