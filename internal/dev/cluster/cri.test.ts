import { createServer, type ServerHttp2Stream } from 'node:http2';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { runtimeAnswers } from './cri.ts';

test.each<[string, (stream: ServerHttp2Stream) => void, boolean]>([
  [
    'answers',
    (stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(5));
    },
    true,
  ],
  [
    'is not initialized yet',
    (stream) => stream.respond({ ':status': 200, 'grpc-status': '2' }, { endStream: true }),
    false,
  ],
  ['ends the call', (stream) => stream.close(8), false],
])('a runtime that %s', async (_what, answer, expected) => {
  const socket = join(scratchFolder(), 'cri.sock');
  const server = createServer().on('stream', (stream: ServerHttp2Stream) => {
    stream.resume();
    answer(stream);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  expect(await runtimeAnswers(socket)).toBe(expected);
});

test('a runtime that is not there', async () => {
  expect(await runtimeAnswers(join(scratchFolder(), 'none.sock'))).toBe(false);
});
