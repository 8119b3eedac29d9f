import { expect, test } from 'vitest';
import { ByteCollector } from './byte-collector.ts';

test('joins pieces, and starts again when they are taken', () => {
  const collector = new ByteCollector();
  for (const piece of ['', 'a', 'bc', 'defg', 'h'.repeat(10_000)]) collector.add(Buffer.from(piece));
  expect(collector.length).toBe(10_007);
  expect(collector.take().toString()).toBe(`abcdefg${'h'.repeat(10_000)}`);
  expect(collector.length).toBe(0);
  collector.add(Buffer.from('next'));
  expect(collector.take().toString()).toBe('next');
});

test('does not keep the buffers of pieces of one byte', () => {
  const collector = new ByteCollector();
  const received = Buffer.alloc(1 << 16, 'x');
  for (let at = 0; at < received.length; at++) collector.add(received.subarray(at, at + 1));
  const taken = collector.take();
  expect(taken.equals(received)).toBe(true);
  expect(taken.buffer).not.toBe(received.buffer);
  expect(taken.buffer.byteLength).toBeLessThanOrEqual(2 * received.length);
});

test('does not overwrite bytes that were taken', () => {
  const collector = new ByteCollector();
  collector.add(Buffer.from('first'));
  const first = collector.take();
  collector.add(Buffer.from('other'));
  expect(first.toString()).toBe('first');
});
