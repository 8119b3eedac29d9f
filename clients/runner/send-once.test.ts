import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { startListening } from '../../internal/dev/testing/start-listening.ts';
import { stopClock } from './fixtures/test-client.ts';
import { AttemptTimedOut, sendOnce } from './send-once.ts';

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
  const request = { method: 'POST', origin, path: '/', headers: {}, body: '{}', maxAnswerBytes: 0 } as const;
  let sent = 0;
  const attempt = sendOnce(request, route, limitMs, new AbortController().signal, () => sent++);
  await expect(attempt).rejects.toThrow(AttemptTimedOut);
  await closed.promise;
  expect({ received, sent }).toEqual({ received: [], sent: 0 });
});
