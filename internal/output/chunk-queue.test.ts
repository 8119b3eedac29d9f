import { expect, it } from 'vitest';
import { ChunkQueue } from './chunk-queue.ts';

function take(queue: ChunkQueue, maxChunks: number, maxBytes: number): string[] {
  return queue.take(maxChunks, maxBytes).map((chunk) => Buffer.from(chunk).toString());
}

function queueOf(blockBytes: number, chunks: readonly string[]): ChunkQueue {
  const queue = new ChunkQueue(blockBytes);
  for (const chunk of chunks) queue.push(Buffer.from(chunk));
  return queue;
}

it('copies small chunks together and never splits one', () => {
  expect(take(queueOf(8, ['aa', 'bb', 'cc', 'dd', 'ee']), 9, 99)).toEqual(['aabbccdd', 'ee']);
  expect(take(queueOf(9, ['aa', 'bb', 'cc', 'dd', 'ee']), 9, 99)).toEqual(['aabbccdd', 'ee']);
});

it('keeps the order when small and large chunks alternate', () => {
  expect(take(queueOf(8, ['a', 'LARGE', 'b', 'c', 'OTHER']), 9, 99)).toEqual(['a', 'LARGE', 'bc', 'OTHER']);
});

it('takes at least one chunk, and otherwise respects both limits', () => {
  const queue = queueOf(4, ['LARGE', 'ONE', 'TWO', 'SIX']);
  expect(take(queue, 9, 2)).toEqual(['LARGE']);
  expect(queue.bytes).toBe(9);
  expect(take(queue, 1, 99)).toEqual(['ONE']);
  expect(take(queue, 9, 5)).toEqual(['TWO']);
  expect(take(queue, 9, 99)).toEqual(['SIX']);
  expect(take(queue, 9, 99)).toEqual([]);
  expect(queue.bytes).toBe(0);
});

it('is empty after clear', () => {
  const queue = queueOf(8, ['a', 'LARGE', 'b']);
  queue.clear();
  expect(queue.bytes).toBe(0);
  expect(take(queue, 9, 99)).toEqual([]);
});
