import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { FdWriter } from '../../internal/log/fd-writer.ts';
import { openPipe } from '../../internal/log/fixtures/pipe.ts';
import { KeptOutput } from './kept-output.ts';
import { StderrRelay } from './stderr-relay.ts';

const mebibyte = 2 ** 20;

function* flood(chunks: number): Generator<Buffer> {
  for (let count = 0; count < chunks; count++) yield Buffer.alloc(65_536, count);
}

test('what still writes and cannot be killed does not fill the memory while nobody reads our stderr', async () => {
  using pipe = openPipe();
  const target = new FdWriter(pipe.writeFd);
  const kept = new KeptOutput([]);
  const relay = new StderrRelay(Readable.from(flood(1600)), target, kept);
  await relay.drain(60_000);
  const queued = target.queuedBytes;
  pipe.closeReader();
  await target.flush(60_000); // A write that is still going on must not meet another file of that number.
  expect(queued).toBeLessThan(4 * mebibyte);
  expect(kept.toString()).toContain(`... ${100 * mebibyte - 2 * 160} bytes left out ...`);
});

test('the last of a pipe is passed on as a whole, though our own reader is slow', async () => {
  using pipe = openPipe();
  const target = new FdWriter(pipe.writeFd);
  // More than the target takes at once, in a pipe of the largest size that a job can give it.
  const relay = new StderrRelay(Readable.from(flood(16)), target, new KeptOutput([]));
  await relay.drain(60_000);
  const passedOn = await pipe.readUntil(mebibyte);
  expect(passedOn.equals(Buffer.concat([...flood(16)]))).toBe(true);
});
