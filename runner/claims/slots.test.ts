import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

test('there are as many slots as there may be tasks', async () => {
  const slots = new Slots(2);
  await slots.acquire(never);
  expect(slots.free).toBe(1);
  const second = await slots.acquire(never);
  expect(slots.free).toBe(0);
  second?.release();
  second?.release();
  expect(slots.free).toBe(1);
});

test('the longest waiter comes first', async () => {
  const slots = new Slots(1);
  const first = await slots.acquire(never);
  const order: string[] = [];
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    const slot = await slots.acquire(never);
    order.push(name);
    slot?.release();
  });
  first?.release();
  await Promise.all(waiting);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('a waiter that gave up gets no slot, and blocks nobody', async () => {
  const slots = new Slots(1);
  const first = await slots.acquire(never);
  const end = new AbortController();
  const gaveUp = slots.acquire(end.signal);
  const patient = slots.acquire(never);
  end.abort();
  expect(await gaveUp).toBeUndefined();
  first?.release();
  expect(await patient).toBeDefined();
  expect(await slots.acquire(AbortSignal.abort())).toBeUndefined();
});

test('a task that already runs gets a slot even if none is free', async () => {
  const slots = new Slots(1);
  const taken = [slots.takeRegardless(), slots.takeRegardless()];
  expect(slots.free).toBe(0);
  taken[0]?.release();
  expect(slots.free).toBe(0);
  taken[1]?.release();
  expect(slots.free).toBe(1);
});
