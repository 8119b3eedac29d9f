import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { closedPort } from './closed-port.ts';
import { startListening } from './start-listening.ts';
import { untilTestEnds } from './until-test-ends.ts';

async function listenAt(port: number): Promise<number> {
  return untilTestEnds(await startListening(createServer(), { port })).port;
}

test.each(['127.0.0.1', '::1'])('refuses connections at %s', async (host) => {
  const socket = connect({ host, port: closedPort(host) });
  await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('is given to no server that asks for any port', async () => {
  const held = new Set(Array.from({ length: 500 }, () => closedPort()));
  const given = await Promise.all(Array.from({ length: 500 }, () => listenAt(0)));
  expect(given.filter((port) => held.has(port))).toEqual([]);
});

test('is there for a server that asks for it', async () => {
  const port = closedPort();
  expect(await listenAt(port)).toBe(port);
});
