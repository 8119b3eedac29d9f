import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openFifo } from '../../internal/dev/testing/open-fifo.ts';
import { blockUntilOtherThreadsSleep } from '../../internal/dev/testing/proc.ts';
import { FdWriter } from '../../internal/output/fd-writer.ts';
import { openPipe } from '../../internal/output/fixtures/pipe.ts';
import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { KeptOutput } from './kept-output.ts';
import { OutputRelay } from './output-relay.ts';

const mebibyte = 2 ** 20;

function* flood(chunks: number): Generator<Buffer> {
  for (let count = 0; count < chunks; count++) yield Buffer.alloc(65_536, count);
}

/** @returns the read end of a pipe that a child writes to */
function startWriting(command: string, ...parameters: string[]): number {
  const { readEnd, writeEnd } = openFifo();
  spawn(command, parameters, { stdio: ['ignore', writeEnd, 'ignore'] });
  closeSync(writeEnd);
  return readEnd;
}

test('all bytes of a descriptor are passed on in order, with reused memory and a slow reader of ours', async () => {
  using pipe = openPipe();
  const numbers = Array.from({ length: 1_000_000 }, (_, index) => `${index + 1}\n`).join('');
  const kept = new KeptOutput(new SecretMask());
  const relay = new OutputRelay(startWriting('seq', '1', '1000000'), new FdWriter(pipe.writeFd), kept);
  const passedOn = await pipe.readUntil(numbers.length);
  await relay.drain(60_000);
  expect(passedOn.toString() === numbers).toBe(true);
  expect(kept.toString()).toMatch(/^1\n2\n3\n.*\.\.\. 6888576 bytes left out \.\.\..*\n999999\n1000000$/s);
});

test.each<[string, () => number | Readable]>([
  ['a descriptor', () => startWriting('head', '-c', String(100 * mebibyte), '/dev/zero')],
  ['a stream', () => Readable.from(flood(1600))],
])(
  'an endless writer to %s that cannot be killed does not fill the memory while nobody reads our stderr',
  async (what, open) => {
    using pipe = openPipe();
    const target = new FdWriter(pipe.writeFd);
    const kept = new KeptOutput(new SecretMask());
    const before = process.memoryUsage().arrayBuffers;
    const relay = new OutputRelay(open(), target, kept);
    await relay.drain(60_000);
    const queued = target.queuedBytes;
    const grown = process.memoryUsage().arrayBuffers - before;
    pipe.closeReader();
    await target.flush(60_000); // A write that is under way must not hit another file with that number.
    expect(queued).toBeLessThan(4 * mebibyte);
    // A stream allocates its own memory.
    if (what === 'a descriptor') expect(grown).toBeLessThan(8 * mebibyte);
    expect(kept.toString()).toContain(`... ${100 * mebibyte - 2 * 160} bytes left out ...`);
  },
);

test('the rest of a pipe is passed on completely, even if our own reader is slow', async () => {
  using pipe = openPipe();
  const target = new FdWriter(pipe.writeFd);
  // More than the target accepts at once, in a pipe of the largest size that a job can choose.
  const relay = new OutputRelay(Readable.from(flood(16)), target, new KeptOutput(new SecretMask()));
  await relay.drain(60_000);
  const passedOn = await pipe.readUntil(mebibyte);
  expect(passedOn.equals(Buffer.concat([...flood(16)]))).toBe(true);
});

test('output that was written in time is read, even if the limit passed before this process ran again', {
  tags: ['timed'],
}, async () => {
  using pipe = openPipe();
  const { readEnd, writeEnd } = openFifo();
  const kept = new KeptOutput(new SecretMask());
  const relay = new OutputRelay(readEnd, new FdWriter(pipe.writeFd), kept);
  await setImmediate(); // From here the event loop runs timers first.
  const drained = relay.drain(0);
  writeSync(writeEnd, 'last words');
  blockUntilOtherThreadsSleep();
  await drained;
  closeSync(writeEnd);
  expect(kept.toString()).toBe('last words');
});
