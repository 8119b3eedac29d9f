/** @module-tag timed */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { atMost, delay } from './delay.ts';
import { blockUntilOtherThreadsSleep } from './dev/testing/proc.ts';

const never = new Promise<never>(() => undefined);

/** Keeps this thread for a time in ms. */
function blockFor(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test.each([0, 0.5, 5])('reports that %d ms have passed', async (ms) => {
  expect(await delay(ms, new AbortController().signal)).toBe(true);
});

test.each([10_000, 2 ** 31, 1e15, Number.POSITIVE_INFINITY])(
  'waits %d ms, however long, until aborted',
  async (ms) => {
    const abort = new AbortController();
    let result: boolean | undefined;
    const delayed = delay(ms, abort.signal).then((whole) => {
      result = whole;
    });
    await delay(5, new AbortController().signal);
    expect(result).toBeUndefined();
    abort.abort();
    await delayed;
    expect(result).toBe(false);
  },
);

test('does not wait if it was already aborted', async () => {
  expect(await delay(60_000, AbortSignal.abort())).toBe(false);
});

test('atMost gives the result that comes in time', async () => {
  expect(await atMost(60_000, Promise.resolve('result'))).toBe('result');
});

test('atMost prefers an existing result to a limit of 0', async () => {
  expect(await atMost(0, Promise.resolve('result'))).toBe('result');
});

test('atMost gives up when the time is over', async () => {
  expect(await atMost(1, never)).toBeUndefined();
});

test('atMost gives up when its signal aborts', async () => {
  const stop = new AbortController();
  const result = atMost(2 ** 30, never, stop.signal);
  stop.abort();
  expect(await result).toBeUndefined();
  expect(await atMost(2 ** 30, never, stop.signal)).toBeUndefined();
});

test('atMost counts an event in time, even if this process could not run before the limit passed', async () => {
  await setImmediate(); // From here the event loop runs timers first.
  const result = atMost(
    1,
    stat('.').then(() => 'result'),
  );
  blockUntilOtherThreadsSleep();
  blockFor(2);
  expect(await result).toBe('result');
});

test('atMost passes an error on', async () => {
  await expect(atMost(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

test('atMost leaves no late error unhandled', async () => {
  const late = Promise.withResolvers<never>();
  expect(await atMost(1, late.promise)).toBeUndefined();
  late.reject(new Error('too late'));
  await delay(1, new AbortController().signal);
});

test('no timer is left behind: a process that has waited ends by itself', async () => {
  const fixture = join(import.meta.dirname, 'fixtures/delays.ts');
  const { stdout } = await execa(process.execPath, [fixture], { timeout: 60_000 });
  expect(JSON.parse(stdout)).toEqual([false, false, 'result', 'error']);
});
