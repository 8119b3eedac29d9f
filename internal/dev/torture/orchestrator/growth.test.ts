import { expect, test } from 'vitest';
import { measureGrowth, type Sample } from './growth.ts';

const flat: Sample = { memoryKib: 20_000, descriptors: 30, threads: 8, zombies: 0, answerMs: 2 };
const samples = (change: (index: number) => Partial<Sample>) =>
  Array.from({ length: 90 }, (_, index) => ({ ...flat, ...change(index) }));
const growing = (change: (index: number) => Partial<Sample>) =>
  measureGrowth(samples(change)).flatMap(({ of, isFlat }) => (isFlat ? [] : [of]));

test('a constant or alternating value does not grow', () => {
  expect(growing(() => ({}))).toEqual([]);
  expect(growing((index) => ({ memoryKib: 20_000 + (index % 7) * 3000, answerMs: index % 50 }))).toEqual([]);
  // Garbage that is collected from time to time, later in the last third than in the middle.
  expect(growing((index) => ({ memoryKib: 20_000 + ((index + 10) % 45) * 200 }))).toEqual([]);
  expect(growing((index) => ({ memoryKib: Math.min(40_000, 20_000 + index * 2000) }))).toEqual([]);
});

test.each<[keyof Sample, number]>([
  ['memoryKib', 200],
  ['descriptors', 0.1],
  ['threads', 0.1],
  ['zombies', 1],
  ['answerMs', 10],
])('%s that go up with every job grow', (of, step) => {
  expect(growing((index) => ({ [of]: flat[of] + Math.round(index * step) }))).toEqual([of]);
});
