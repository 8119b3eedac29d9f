import { expect, test } from 'vitest';
import { runFixture } from './fixtures/run-fixture.ts';

test('reaps a burst of orphans, and loses no status of our own children meanwhile', async () => {
  const { result } = await runFixture('orphans', ['1500', '1500']);
  expect(result.ends).toEqual(Array.from({ length: 50 }, (_, exitCode) => ({ exitCode })));
  expect(result.runningEnd).toEqual({ exitCode: 99 });
  expect(result).toMatchObject({ adopted: 1500, orphans: 3000, left: [] });
});

test('resolves all waits when no child is left, and at once when there is none', async () => {
  const { result } = await runFixture('no-children');
  expect(result.events.slice(0, 2)).toEqual(['none before the start', 'none after the start']);
  expect(result.events.slice(2).sort()).toEqual(['ended {"exitCode":7}', 'none, first', 'none, second']);
  expect(result.orphans).toBe(0);
});
