/** @module-tag timed */
import { describe, expect, test } from 'vitest';
import { delay } from '../internal/delay.ts';
import { RecordingLogger } from '../internal/dev/testing/recording-logger.ts';
import { Termination } from './termination.ts';

const SIGINT = 2;
const SIGTERM = 15;
const forever = 1e12;

const never = () => new AbortController().signal;

function requested(signal = SIGTERM): Termination {
  const termination = new Termination(new RecordingLogger());
  termination.request(signal);
  return termination;
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pause = delay(20, never()).then(() => 'pending');
  return (await Promise.race([promise, pause])) === 'pending';
}

describe('a request', () => {
  test('is named by its signal and logged', async () => {
    const logger = new RecordingLogger();
    const termination = new Termination(logger);
    expect(termination.signal).toBeUndefined();
    termination.request(SIGTERM);
    expect(termination.signal).toBe('SIGTERM');
    expect(await termination.requested).toBe('SIGTERM');
    expect(logger.events).toEqual([
      { level: 'info', message: 'termination signal received', fields: { signal: 'SIGTERM' } },
    ]);
  });

  test('is only logged when it comes again', async () => {
    const logger = new RecordingLogger();
    const termination = new Termination(logger);
    termination.request(SIGTERM);
    termination.request(SIGINT);
    expect(termination.signal).toBe('SIGTERM');
    expect(await termination.requested).toBe('SIGTERM');
    expect(logger.events[1]).toEqual({
      level: 'info',
      message: 'termination signal again: already terminating',
      fields: { signal: 'SIGINT' },
    });
  });
});

describe('the grace period', () => {
  test('does not begin without a signal', async () => {
    const termination = new Termination(new RecordingLogger());
    expect(await isPending(termination.graceOver({ shutdownDelayMs: 0, gracePeriodMs: 0 }, never()))).toBe(
      true,
    );
  });

  test.each([
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ])(
    'is over after a shutdown delay of %d ms and %d ms of its own',
    async (shutdownDelayMs, gracePeriodMs) => {
      expect(await requested(SIGINT).graceOver({ shutdownDelayMs, gracePeriodMs }, never())).toBe('SIGINT');
    },
  );

  test('is logged when it begins, and not if the task has ended before', async () => {
    const logger = new RecordingLogger();
    const termination = new Termination(logger);
    void termination.graceOver({ shutdownDelayMs: 5, gracePeriodMs: 7 }, never());
    void termination.graceOver({ shutdownDelayMs: 5, gracePeriodMs: 7 }, AbortSignal.abort());
    termination.request(SIGTERM);
    await termination.requested;
    expect(logger.events.slice(1)).toEqual([
      {
        level: 'info',
        message: 'waiting for the task to end by itself',
        fields: { 'shutdown.delay_ms': 5, 'grace.period_ms': 7 },
      },
    ]);
  });

  test('begins with the signal, not before', async () => {
    const termination = new Termination(new RecordingLogger());
    const over = termination.graceOver({ shutdownDelayMs: 0, gracePeriodMs: 0 }, never());
    expect(await isPending(over)).toBe(true);
    termination.request(SIGTERM);
    expect(await over).toBe('SIGTERM');
  });

  test.each([
    ['the shutdown delay', { shutdownDelayMs: forever, gracePeriodMs: 0 }],
    ['the grace period', { shutdownDelayMs: 0, gracePeriodMs: forever }],
  ])('never is over when the task ends within %s', async (_title, periods) => {
    const ended = new AbortController();
    const over = requested().graceOver(periods, ended.signal);
    expect(await isPending(over)).toBe(true);
    ended.abort();
    expect(await isPending(over)).toBe(true);
  });

  test('never ends if the task ended before the signal', async () => {
    const termination = new Termination(new RecordingLogger());
    const over = termination.graceOver({ shutdownDelayMs: 0, gracePeriodMs: 0 }, AbortSignal.abort());
    termination.request(SIGTERM);
    expect(await isPending(over)).toBe(true);
  });
});
