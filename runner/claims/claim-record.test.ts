import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ClaimRecord } from './claim-record.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

test('without an answer it counts from when the class began to claim, and then from the last answer', () => {
  const record = new ClaimRecord();
  record.begin('a.b');
  vi.advanceTimersByTime(3000);
  record.note('a.b', 'no-answer');
  expect(record.answerAges(['a.b'])).toEqual(new Map([['a.b', 3]]));
  record.note('a.b', 'refused');
  vi.advanceTimersByTime(1000);
  expect(record.answerAges(['a.b'])).toEqual(new Map([['a.b', 1]]));
  expect(record.outcome('a.b')).toBe('refused');
});

test('knows nothing of a class that does not claim, and is asked only of those that do', () => {
  const record = new ClaimRecord();
  record.begin('a.b');
  expect(record.answerAges(['c.d'])).toEqual(new Map());
  expect(record.outcome('a.b')).toBeUndefined();
});
