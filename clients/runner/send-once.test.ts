import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { startListening } from '../../internal/dev/testing/start-listening.ts';
import { Connection } from './connection.ts';
import { stopClock } from './fixtures/test-client.ts';
import { AttemptTimedOut, type OutgoingRequest, sendOnce } from './send-once.ts';

test('a request is not sent if its time was over before the connection was there, as after a pause of the process', async () => {
  stopClock();
  const received: string[] = [];
  const closed = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('data', (bytes) => received.push(String(bytes)));
    socket.once('close', () => closed.resolve());
  });
  await using listening = await startListening(server);
  const limitMs = 1000;
  const route = {
    ...{ pathPrefix: '', headers: {}, note: '' },
    connect: async () => {
      const socket = connect(listening.port, '127.0.0.1');
      await once(socket, 'connect');
      vi.advanceTimersByTime(limitMs);
      return socket;
    },
  };
  const origin = `http://127.0.0.1:${listening.port}`;
  const request: OutgoingRequest = {
    ...{ path: '/', headers: {}, body: '{}', maxAnswerBytes: 0, keepsConnection: false },
    method: 'POST',
  };
  let sent = 0;
  const forever = new AbortController().signal;
  const connection = new Connection(origin, route, () => {});
  const attempt = sendOnce(request, connection, limitMs, forever, () => sent++);
  await expect(attempt).rejects.toThrow(AttemptTimedOut);
  await connection.close();
  await closed.promise;
  expect({ received, sent }).toEqual({ received: [], sent: 0 });
});
