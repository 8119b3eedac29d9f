import { expect, onTestFinished, test, vi } from 'vitest';
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

test('a trouble that may be of one task pauses its class when another task is in it', () => {
  const pauses = new ClassPauses();
  const over = ['unread', 'unread', 'other'].map((reason) => {
    const end = pauses.pauseIfSeveral('a/b', reason);
    return { end, paused: pauses.reasonOf('a.b') };
  });
  expect(over.map(({ paused }) => paused)).toEqual([undefined, 'unread', 'unread']);
  over[0]?.end();
  expect(pauses.reasonOf('a.b')).toBeUndefined();
});

test('a class may have a reason that others know of', () => {
  let reason: string | undefined = 'no template';
  const pauses = new ClassPauses((name) => (name === 'a.b' ? reason : undefined));
  expect([pauses.reasonOf('a/b'), pauses.reasonOf('a.c')]).toEqual(['no template', undefined]);
  reason = undefined;
  expect(pauses.reasonOf('a.b')).toBeUndefined();
});

/** The pauses of a class, with a clock that the test moves. */
function startPauses() {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const pauses = new ClassPauses();
  const fail = () => pauses.noteFailedStart('a/b');
  /** How long the class rests after one more failure, s. */
  const restAfterFailure = () => {
    fail();
    let seconds = 0;
    for (; pauses.reasonOf('a.b') !== undefined; seconds++) vi.advanceTimersByTime(1000);
    return seconds;
  };
  return { fail, pauses, restAfterFailure };
}

test('a class whose tasks do not begin rests for longer and longer, until one begins', () => {
  const { pauses, restAfterFailure } = startPauses();
  const rests = Array.from({ length: 8 }, restAfterFailure);
  expect(rests).toEqual([0, 0, 5, 10, 20, 40, 60, 60]);
  pauses.noteStart('a/b');
  expect([restAfterFailure(), restAfterFailure(), restAfterFailure()]).toEqual([0, 0, 5]);
});

test('a class that rests says why, and others claim', () => {
  const { fail, pauses } = startPauses();
  for (let n = 0; n < 3; n++) fail();
  expect(pauses.reasonOf('a.b')).toBe('3 tasks in a row have ended before they began');
  expect(pauses.reasonOf('a.c')).toBeUndefined();
});

test('tasks that end while a class is paused do not extend its rest', () => {
  const { fail, pauses, restAfterFailure } = startPauses();
  for (let n = 0; n < 50; n++) fail();
  vi.advanceTimersByTime(5000);
  expect(pauses.reasonOf('a.b')).toBeUndefined();
  const resume = pauses.pause('a/b', 'a quota');
  for (let n = 0; n < 50; n++) fail();
  resume();
  expect(restAfterFailure()).toBe(10);
});

test('a class that was told to rest claims again after a minute', () => {
  const { pauses } = startPauses();
  pauses.rest('a/b', 'no namespace');
  vi.advanceTimersByTime(59_999);
  expect(pauses.reasonOf('a.b')).toBe('no namespace');
  expect(pauses.reasonOf('a.c')).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(pauses.reasonOf('a.b')).toBeUndefined();
});
