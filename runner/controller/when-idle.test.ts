import { expect, test } from 'vitest';
import { whenIdle } from './when-idle.ts';

test.each([
  ['once after the start', [0, 0, 0, 0], [1]],
  ['not while there are tasks', [1, 2, 1, 1], []],
  ['not at the very end of the last task', [0, 1, 0], []],
  ['again after each time with tasks', [0, 0, 3, 0, 0, 0, 1, 0, 0], [1, 4, 8]],
])('acts %s', async (_when, counts, acts) => {
  const end = new AbortController();
  const actedAt: number[] = [];
  let look = 0;
  await whenIdle(
    () => counts[look] ?? 0,
    () => actedAt.push(look),
    end.signal,
    async () => ++look < counts.length,
  );
  expect(actedAt).toEqual(acts);
});

test('ends with its signal', async () => {
  await whenIdle(
    () => 0,
    () => {},
    AbortSignal.abort(),
  );
});
