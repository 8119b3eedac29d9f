import { expect, test } from 'vitest';
import { ClassPauses } from './class-pauses.ts';

test('a class claims again when all reasons are taken back', () => {
  const pauses = new ClassPauses();
  const first = pauses.pause('a/b', 'first');
  const second = pauses.pause('a/b', 'second');
  expect(pauses.reasonOf('a.b')).toBe('first');
  expect(pauses.reasonOf('a.c')).toBeUndefined();
  first();
  first();
  expect(pauses.reasonOf('a.b')).toBe('second');
  second();
  expect(pauses.reasonOf('a.b')).toBeUndefined();
});
