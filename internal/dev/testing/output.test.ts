import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Output, type Reader } from './output.ts';

function outputFor(reader: Reader): { stream: PassThrough; output: Output } {
  const stream = new PassThrough();
  return { stream, output: new Output(stream, reader) };
}

test('gives lines as they come, the last one without a line feed', async () => {
  const { stream, output } = outputFor('reads');
  const lines = output.lines();
  stream.write('one\ntw');
  expect((await lines.next()).value).toBe('one');
  stream.end('o\nthree');
  expect([await lines.next(), await lines.next(), await lines.next()]).toMatchObject([
    { value: 'two' },
    { value: 'three' },
    { done: true },
  ]);
  expect(output.text).toBe('one\ntwo\nthree');
});

test('waits for a match, even across chunks', async () => {
  const { stream, output } = outputFor('reads');
  const match = output.matched(/port=(\d+)\n/);
  stream.write('po');
  stream.write('rt=80');
  stream.write('80\n');
  expect((await match)[1]).toBe('8080');
});

test('the error has the output without a match, at its end or when the time is over', async () => {
  const { stream, output } = outputFor('reads');
  stream.write('something else');
  await expect(output.matched(/port/, 20)).rejects.toThrow(
    'waited 0.02 s in vain for /port/:\nsomething else',
  );
  const match = output.matched(/port/);
  stream.end();
  await expect(match).rejects.toThrow('ended without /port/:\nsomething else');
});

test('is not read before it is released if its reader stalls', async () => {
  const { stream, output } = outputFor('stalled');
  stream.write('text');
  expect([output.isWhole, output.text]).toEqual([false, '']);
  output.release();
  await output.matched(/text/);
});

test('is not kept if its reader forgets', async () => {
  const { stream, output } = outputFor('forgets');
  stream.end('text');
  await output.end(60_000);
  expect(output.text).toBe('');
});

test('is closed before its end if its reader vanishes', async () => {
  const { stream } = outputFor('vanishes');
  await once(stream, 'close');
  expect(stream.writableEnded).toBe(false);
});

test('is closed at the latest when the time for its end is over', async () => {
  const { stream, output } = outputFor('reads');
  stream.write('text');
  await output.end(20);
  expect([stream.destroyed, output.text]).toEqual([true, 'text']);
});
