import { expect, test } from 'vitest';
import { giveBackMemory } from './give-back-memory.ts';

const busy = (looks: number) => Array.from({ length: looks }, () => 1);

test.each([
  ['once after the start', [0, 0, 0, 0], [1]],
  ['not at once while there are tasks', [1, 2, 1], []],
  ['not at the very end of the last task', [0, 1, 0], []],
  ['again after each time with tasks', [0, 0, 3, 0, 0, 0, 1, 0, 0], [1, 4, 8]],
  ['every half a minute while there are tasks', busy(8), [3, 6]],
  ['once more after a time with tasks', [...busy(5), 0, 0, 0, 0], [3, 6]],
])('gives memory back %s', async (_when, counts, expected) => {
  const end = new AbortController();
  const at: number[] = [];
  let look = 0;
  await giveBackMemory(
    () => counts[look] ?? 0,
    () => at.push(look),
    end.signal,
    async () => ++look < counts.length,
  );
  expect(at).toEqual(expected);
});

test('ends with its signal', async () => {
  await giveBackMemory(
    () => 0,
    () => {},
    AbortSignal.abort(),
  );
});
