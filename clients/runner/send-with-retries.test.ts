import { stat } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { TunnelRefused } from '../../internal/http/tunnel.ts';
import { stopClock } from './fixtures/test-client.ts';
import { defaultLimits } from './limits.ts';
import { AttemptTimedOut } from './send-once.ts';
import { pauseBefore, sendWithRetries } from './send-with-retries.ts';

const limits = { ...defaultLimits, attemptMs: 60_000, totalMs: 600_000, firstPauseMs: 1, longestPauseMs: 5 };
const triesAgain = (status: number) => status >= 500;
const forever = new AbortController().signal;

test('the limits are those of the contract', () => {
  expect(defaultLimits).toMatchObject({ attemptMs: 5000, totalMs: 60_000, firstPauseMs: 50 });
});

test('pauses double from the first to the longest, each spread around its length', () => {
  const pauses = (random: number) =>
    [2, 3, 4, 8, 50].map((attempt) => pauseBefore(attempt, defaultLimits, random));
  expect(pauses(0)).toEqual([25, 50, 100, 1000, 1000]);
  expect(pauses(0.5)).toEqual([50, 100, 200, 2000, 2000]);
  expect(pauses(1)).toEqual([75, 150, 300, 3000, 3000]);
});

test('a call that may be made twice is not made a third time', async () => {
  const send = vi.fn(async () => ({ status: 503 }));
  const outcome = await sendWithRetries(send, triesAgain, { ...limits, maxAttempts: 2 }, forever);
  expect([send.mock.calls.length, outcome.attempts]).toEqual([2, 2]);
});

test('a server that asks to be left alone for longer than the remaining time is not asked again', async () => {
  const send = vi.fn(async () => ({ status: 503, retryAfterMs: limits.totalMs }));
  const outcome = await sendWithRetries(send, triesAgain, limits, forever);
  expect(outcome).toMatchObject({ ending: { status: 503 }, attempts: 1 });
});

test.each([
  ['at the end of the time, once, if the server asks to be left alone for longer', 3_600_000, 60],
  ['when the server wants it, if there is time', 90, 90],
])('a last chance is used %s', async (_when, retryAfterMs, secondMs) => {
  stopClock();
  const short = { ...limits, attemptMs: 40, totalMs: 100, isLastChance: true };
  const asked: number[] = [];
  const begin = performance.now();
  const send = async () => {
    asked.push(performance.now() - begin);
    return { status: 503, retryAfterMs };
  };
  setImmediate(() => vi.advanceTimersByTime(secondMs));
  const outcome = await sendWithRetries(send, triesAgain, short, forever);
  expect(asked).toEqual([0, secondMs]);
  expect(outcome).toMatchObject({ ending: { status: 503 }, attempts: 2 });
});

test('a server that asks to be left alone for a while is asked again after it', async () => {
  stopClock();
  const asked: number[] = [];
  const send = async () => {
    asked.push(performance.now());
    return asked.length === 1 ? { status: 429, retryAfterMs: 40 } : { status: 200 };
  };
  const tooMany = (status: number) => status === 429;
  const start = process.hrtime.bigint();
  await sendWithRetries(send, tooMany, limits, forever);
  expect(asked).toHaveLength(2);
  expect(process.hrtime.bigint() - start).toBeGreaterThan(30_000_000n);
});

test('an attempt gets no more than the remaining time', async () => {
  stopClock();
  const given: number[] = [];
  const send = async (limitMs: number) => {
    given.push(limitMs);
    vi.advanceTimersByTime(60);
    throw new Error('no answer');
  };
  await sendWithRetries(send, triesAgain, { ...limits, attemptMs: 80, totalMs: 100 }, forever);
  expect(given).toEqual([80, 40]);
});

test('no attempt is made once the time is up, even if a pause took longer than planned', async () => {
  stopClock();
  const whilePausing = () => vi.advanceTimersByTime(80);
  const send = vi.fn(async () => {
    setImmediate(whilePausing);
    return { status: 503 };
  });
  await stat('.'); // From here the event loop runs immediates before timers.
  const short = { ...limits, totalMs: 60, firstPauseMs: 20, longestPauseMs: 20 };
  const outcome = await sendWithRetries(send, triesAgain, short, forever);
  expect([send.mock.calls.length, outcome.attempts]).toEqual([1, 1]);
});

test('a last attempt that was cut short does not hide the earlier error', async () => {
  stopClock();
  let made = 0;
  const send = async (limitMs: number) => {
    made++;
    if (made === 1) return { status: 503 };
    vi.advanceTimersByTime(limitMs);
    throw new AttemptTimedOut(limitMs, false);
  };
  const outcome = await sendWithRetries(
    send,
    triesAgain,
    { ...limits, attemptMs: 100, totalMs: 99 },
    forever,
  );
  expect(made).toBe(2);
  expect(outcome.ending).toEqual({ status: 503 });
});

test.each([
  [407, 1],
  [403, 1],
  [502, 2],
])("a proxy's %d to CONNECT is judged as the runner API's would be", async (status, attempts) => {
  let made = 0;
  const send = async () => {
    made++;
    if (made === 2) return { status: 200 };
    throw new TunnelRefused(status);
  };
  await sendWithRetries(send, triesAgain, limits, forever);
  expect(made).toBe(attempts);
});

const withCode = (code: string, address?: string) => Object.assign(new Error('refused'), { code, address });
const forbidden = (...addresses: readonly string[]) =>
  new AggregateError(addresses.map((address) => withCode('EACCES', address)));

test.each([
  ['a certificate that is not accepted', withCode('CERT_HAS_EXPIRED')],
  ['a connection that a policy forbids', withCode('EACCES', '192.0.2.1')],
  ['addresses that a policy forbids', forbidden('192.0.2.1', '192.0.2.2')],
])('%s is tried three times, even between other errors', async (_what, refused) => {
  let made = 0;
  const send = async () => {
    made++;
    throw made === 2 ? new Error('reset') : refused;
  };
  const outcome = await sendWithRetries(send, triesAgain, limits, forever);
  expect(outcome).toMatchObject({ ending: { error: refused }, attempts: 4 });
});

test.each([
  ['a firewall does not let it pass', withCode('EPERM')],
  [
    'a policy forbids only one of its addresses',
    new AggregateError([withCode('EACCES', '192.0.2.1'), withCode('ETIMEDOUT', '192.0.2.2')]),
  ],
  ['a firewall on the way forbids its IPv6 address', withCode('EACCES', '2001:db8::1')],
  ['one of the forbidden addresses is of IPv6', forbidden('192.0.2.1', '2001:db8::1')],
])('a connection is tried again as usual if %s', async (_what, refused) => {
  let made = 0;
  const send = async () => {
    made++;
    if (made < 6) throw refused;
    return { status: 200 };
  };
  const outcome = await sendWithRetries(send, triesAgain, limits, forever);
  expect(outcome).toMatchObject({ ending: { status: 200 }, attempts: 6 });
});

test('a signal that fired before the first attempt prevents it', async () => {
  const outcome = await sendWithRetries(
    async () => ({ status: 200 }),
    triesAgain,
    limits,
    AbortSignal.abort('stop'),
  );
  expect(outcome).toMatchObject({ ending: { error: 'stop' }, attempts: 0 });
});
