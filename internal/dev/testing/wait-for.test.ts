/** @module-tag timed */
import { expect, test } from 'vitest';
import { waitFor } from './wait-for.ts';

test.each([0, 1])(
  'gives the first value that is neither false nor undefined, looking every %d ms',
  async (everyMs) => {
    const values = [false, undefined, 0, 'too late'];
    expect(await waitFor('a value', () => values.shift(), { everyMs })).toBe(0);
  },
);

test('says what it waited for in vain', async () => {
  await expect(waitFor('the end of the world', async () => false, { limitMs: 20 })).rejects.toThrow(
    'waited 0.02 s in vain: the end of the world',
  );
});

test('passes on what the condition throws', async () => {
  const look = () => {
    throw new Error('it is gone');
  };
  await expect(waitFor('it', look)).rejects.toThrow('it is gone');
});
