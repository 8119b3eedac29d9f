import { setImmediate as settled } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { RecordingRunnerApi, refusal } from '../life/fixtures/recording-runner-api.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import { type ClaimLoop, claimTasks } from './claim-loop.ts';
import { Slots } from './slots.ts';

/** A clock that the test moves. */
class TestClock {
  #nowMs = 0;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  readonly pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) resolve();
      this.#sleepers.push({ atMs: this.#nowMs + ms, wake: resolve });
      signal.addEventListener('abort', () => resolve(), { once: true });
    });

  /** Wakes the sleepers that are due by then, one after the other. */
  async move(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const [next, ...others] = this.#sleepers.sort((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#sleepers = others;
      this.#nowMs = next.atMs;
      next.wake();
    }
    this.#nowMs = endMs;
  }
}

/** A loop with a clock that the test moves. */
function startLoop(limit = 1, change: Partial<ClaimLoop> = {}) {
  const clock = new TestClock();
  const api = new RecordingRunnerApi();
  const claim = vi.spyOn(api, 'claim');
  const draining = new AbortController();
  const slots = new Slots(limit);
  const seen = {
    tasks: [] as string[],
    classes: [] as string[],
    late: [] as string[],
    outcomes: [] as string[],
    refreshes: 0,
    reasons: [] as unknown[],
  };
  const ends: (() => void)[] = [];
  const loop: ClaimLoop = {
    resourceClass: 'a.b',
    token: () => 'class-token',
    refreshTokens: async () => void seen.refreshes++,
    pausedBy: () => undefined,
    api,
    identity: { name: 'agent', hostname: 'host', ip: '192.0.2.1', version: '1' },
    slots,
    onTask: (task, slot) => {
      seen.tasks.push(task.allocation);
      seen.classes.push(task.resourceClass);
      ends.push(() => slot.release());
    },
    onLateTask: (task: ClaimedTask) => void seen.late.push(task.allocation),
    onAnswer: (outcome) => void seen.outcomes.push(outcome),
    logger: {
      debug: () => undefined,
      info: (_message, fields) => void seen.reasons.push(fields?.reason),
      warn: () => undefined,
      error: () => undefined,
    },
    pause: clock.pause,
    ...change,
  };
  const done = claimTasks(loop, draining.signal);
  onTestFinished(async () => {
    draining.abort();
    await done;
  });
  const give = (...allocations: string[]) =>
    void api.claims.push(
      ...allocations.map((allocation) => ({
        task: { token: 't', allocation, resourceClass: 'a/b' },
        warning: '',
      })),
    );
  return { api, claim, clock, done, draining, ends, give, seen, slots };
}

test('claims again at once while there is work and a free slot', async () => {
  const { claim, clock, ends, give, seen } = startLoop(2);
  give('one', 'two', 'three');
  await clock.move(8000);
  expect(seen.tasks).toEqual(['one', 'two']);
  const calls = claim.mock.calls.length;
  await clock.move(60_000);
  expect(claim.mock.calls.length).toBe(calls);
  ends[0]?.();
  await clock.move(1);
  expect(seen.tasks).toEqual(['one', 'two', 'three']);
});

test('a class that is paused while it waits for a slot does not claim when it gets one', async () => {
  let reason: string | undefined;
  const { claim, clock, ends, give, seen, slots } = startLoop(1, { pausedBy: () => reason });
  give('one', 'two');
  await clock.move(1);
  reason = 'the namespace of its Pods is gone';
  ends[0]?.();
  await clock.move(1);
  expect(claim).toHaveBeenCalledTimes(1);
  expect(slots.free).toBe(1);
  reason = undefined;
  await clock.move(5000);
  expect(seen.tasks).toEqual(['one', 'two']);
});

test('asks every five to seven and a half seconds while there is no work', async () => {
  const { claim, clock } = startLoop();
  await clock.move(60_000);
  expect(claim.mock.calls.length).toBeGreaterThanOrEqual(8);
  expect(claim.mock.calls.length).toBeLessThanOrEqual(13);
});

test.each([
  [200, 'malformed', 0],
  [401, 'refused', 1],
  [404, 'refused', 1],
  [429, 'throttled', 0],
  [503, 'server-error', 0],
])(
  'after %s it waits, and reads the tokens again if they may be wrong',
  async (status, outcome, refreshes) => {
    const { api, clock, seen } = startLoop();
    api.refusals.claim = [status];
    await clock.move(0);
    await clock.move(900);
    expect(seen).toMatchObject({ outcomes: [outcome], refreshes });
    await clock.move(700);
    expect(seen.outcomes).toEqual([outcome, 'no-work']);
  },
);

test('a class that is refused again and again asks about once a minute', async () => {
  const { claim, clock } = startLoop();
  claim.mockRejectedValue(refusal(500));
  await clock.move(3 * 60_000);
  const early = claim.mock.calls.length;
  await clock.move(10 * 60_000);
  expect(claim.mock.calls.length - early).toBeGreaterThan(5);
  expect(claim.mock.calls.length - early).toBeLessThanOrEqual(11);
});

test('waits as long as a server asks', async () => {
  const { api, clock, seen } = startLoop();
  vi.spyOn(api, 'claim').mockRejectedValueOnce(refusal(429, 30_000));
  await clock.move(29_000);
  expect(seen.outcomes).toEqual(['throttled']);
  await clock.move(2000);
  expect(seen.outcomes).toEqual(['throttled', 'no-work']);
});

test.each([
  ['it has no token', { token: () => undefined }, 'there is no token for it'],
  ['its constraints cannot be met', { pausedBy: () => 'no node fits' }, 'no node fits'],
])('says why it does not claim while %s', async (_case, change, reason) => {
  const { claim, clock, seen } = startLoop(1, change);
  await clock.move(12_000);
  expect(claim).not.toHaveBeenCalled();
  expect(seen.reasons).toEqual([reason]);
});

test('says when all slots have been taken for a long time, and when it claims again', async () => {
  const { api, clock, ends, seen } = startLoop(1);
  api.claims.push({ task: { token: 't', allocation: 'first', resourceClass: 'a/b' }, warning: '' });
  await clock.move(59_000);
  expect(seen.reasons).toEqual([]);
  await clock.move(2000);
  expect(seen.reasons).toEqual(['all slots for tasks are taken']);
  for (const end of ends) end();
  await clock.move(0);
  expect(seen.reasons).toEqual(['all slots for tasks are taken', undefined]);
});

test('says when it claims again', async () => {
  const obstacles = ['a quota is used up', undefined];
  const { claim, clock, seen } = startLoop(1, { pausedBy: () => obstacles.shift() });
  await clock.move(6000);
  expect(claim).toHaveBeenCalled();
  expect(seen.reasons).toEqual(['a quota is used up', undefined]);
});

test('a class whose token is refused gives its slot back before the tokens are read again', async () => {
  const reading = Promise.withResolvers<void>();
  const { api, clock, slots } = startLoop(1, { refreshTokens: () => reading.promise });
  // Before the loop is awaited: what is registered last runs first.
  onTestFinished(() => reading.resolve());
  api.refusals.claim = [401];
  await clock.move(1);
  expect(slots.free).toBe(1);
});

test('a task that comes after the drain has begun is handed back, and its slot is free', async () => {
  const { api, clock, done, draining, seen, slots } = startLoop();
  const answer = Promise.withResolvers<Awaited<ReturnType<RecordingRunnerApi['claim']>>>();
  vi.spyOn(api, 'claim').mockReturnValueOnce(answer.promise);
  await clock.move(0);
  draining.abort();
  answer.resolve({ task: { token: 't', allocation: 'late', resourceClass: 'a/b' }, warning: '' });
  await done;
  expect(seen).toMatchObject({ tasks: [], late: ['late'] });
  expect(slots.free).toBe(1);
});

test.each([
  ['a/b', 'a/b'],
  ['other/class', 'a.b'],
  ['a/b/c', 'a.b'],
])('a task of which the answer says the class %s runs as one of %s', async (answered, expected) => {
  const { api, clock, seen } = startLoop();
  api.claims.push({ task: { token: 't', allocation: 'one', resourceClass: answered }, warning: '' });
  await clock.move(8000);
  expect(seen.classes).toEqual([expected]);
});
