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

test('the error names the condition that was never met', async () => {
  await expect(waitFor('the end of the world', async () => false, { limitMs: 20 })).rejects.toThrow(
    'waited 0.02 s in vain: the end of the world',
  );
});

test('passes on an error of the condition', async () => {
  const look = () => {
    throw new Error('it is gone');
  };
  await expect(waitFor('it', look)).rejects.toThrow('it is gone');
});
