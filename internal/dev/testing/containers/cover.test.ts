import { expect, test } from 'vitest';
import { combinations, cover } from './cover.ts';

const factors = {
  image: ['scratch', 'musl', 'debian'],
  user: ['0', '1000'],
  root: ['writable', 'read-only'],
  memory: ['', '32m'],
  outcome: ['success', 'failure', 'signal'],
};

test.each([1, 2, 3, 5])('every combination of %d values occurs', (strength) => {
  const rows = cover(factors, strength);
  for (const choices of combinations(factors, strength)) {
    const matches = rows.filter((row) => choices.every(([name, value]) => Object(row)[name] === value));
    expect(matches, JSON.stringify(choices)).not.toEqual([]);
  }
});

test('has far fewer rows than there are combinations of everything', () => {
  expect(cover(factors, 2).length).toBeLessThanOrEqual(14);
  expect(cover(factors, 5)).toHaveLength(72);
});

test('is the same every time', () => {
  expect(cover(factors, 2)).toEqual(cover(factors, 2));
});

test('counts the combinations of two', () => {
  expect(combinations({ a: ['1', '2'], b: ['1', '2', '3'], c: ['1'] }, 2)).toHaveLength(6 + 2 + 3);
});
