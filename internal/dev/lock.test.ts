import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { acquireLock } from './lock.ts';
import { waitFor } from './testing/wait-for.ts';

const never = new AbortController().signal;
const newName = () => `test-${randomBytes(4).toString('hex')}`;

test('a second process waits until the first has released the lock', async () => {
  const name = newName();
  const first = await acquireLock(name, never, () => {});
  let hasBoth = false;
  const waits = new Promise<void>((resolve) => {
    void acquireLock(name, never, resolve).then(async (second) => {
      hasBoth = true;
      await second[Symbol.asyncDispose]();
    });
  });
  await waits;
  expect(hasBoth).toBe(false);
  await first[Symbol.asyncDispose]();
  await waitFor('the lock', () => hasBoth);
});

test('locks with different names do not wait for each other', async () => {
  await using _one = await acquireLock(newName(), never, () => {});
  const onWait = vi.fn();
  await using _other = await acquireLock(newName(), never, onWait);
  expect(onWait).not.toHaveBeenCalled();
});

test('a signal ends the wait, and its reason is the error', async () => {
  const name = newName();
  await using _ = await acquireLock(name, never, () => {});
  const end = new AbortController();
  const waiting = acquireLock(name, end.signal, () => end.abort(new Error('interrupted')));
  await expect(waiting).rejects.toThrow('interrupted');
});
