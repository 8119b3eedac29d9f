import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ClaimRecord } from './claim-record.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

test('counts from when a class began to claim, then from the last answer', () => {
  const record = new ClaimRecord();
  record.begin('a.b');
  vi.advanceTimersByTime(3000);
  record.note('a.b', 'no-answer', 'token');
  expect(record.answerAges(['a.b'])).toEqual(new Map([['a.b', 3]]));
  record.note('a.b', 'refused', 'token');
  vi.advanceTimersByTime(1000);
  expect(record.answerAges(['a.b'])).toEqual(new Map([['a.b', 1]]));
  expect(record.outcome('a.b', 'token')).toBe('refused');
});

test('knows nothing of classes that do not claim, and reports only the given classes', () => {
  const record = new ClaimRecord();
  record.begin('a.b');
  expect(record.answerAges(['c.d'])).toEqual(new Map());
  expect(record.outcome('a.b', 'token')).toBeUndefined();
});

test('how a claim with an earlier token ended says nothing about the next one', () => {
  const record = new ClaimRecord();
  record.begin('a.b');
  record.note('a.b', 'refused', 'revoked');
  expect(record.outcome('a.b', 'new')).toBeUndefined();
  expect(record.outcome('a.b', undefined)).toBeUndefined();
});
