import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { onTestFinished, vi } from 'vitest';
import type { RunnerApiAccess } from './caller.ts';
import { createRunnerClient } from './client.ts';
import { createRunnerApi, type RunnerApi } from './runner-api.ts';
import { RunnerApiError } from './runner-api-error.ts';

export const testToken = 'test-token-0123456789';

/** Limits that only end a hang. */
const patient = { attemptMs: 60_000, totalMs: 600_000, firstPauseMs: 1, longestPauseMs: 10 };

/** There is no second attempt: the pause before it would take longer than all attempts may. */
export const oneAttempt = { ...patient, firstPauseMs: 3_600_000, longestPauseMs: 3_600_000 };

/** With `stopClock` there are four to six attempts: then a pause would take longer than the limit for all of them. */
export const fewAttempts = { attemptMs: 8, totalMs: 8, firstPauseMs: 1, longestPauseMs: 1000 };

/** A client like the orchestrator's, but with other limits, and with one token for all calls. */
export function testClient(baseUrl: string, access: Partial<RunnerApiAccess> = {}, taskToken = testToken) {
  const limits = { ...patient, ...access.limits };
  const client = createRunnerClient({ ...testAccess(baseUrl), ...access, limits });
  return {
    unclaim: (taskId: string) => client.unclaim({ taskToken, taskId }),
    fail: (allocation: string, timestampMs: number, message: string) =>
      client.fail({ taskToken, allocation, timestampMs, message }),
    close: () => client.close(),
  };
}

/** A client like the controller's, with the same limits unless others are given. */
export function testRunnerApi(baseUrl: string, access: Partial<RunnerApiAccess> = {}): RunnerApi {
  return createRunnerApi({ ...testAccess(baseUrl), ...access });
}

function testAccess(baseUrl: string): RunnerApiAccess {
  return { baseUrl, userAgent: 'CircleCI-GOAT/test', proxy: {}, ca: [] };
}

/**
 * Stops the clock that limits calls, so that no attempt runs out of time unless the test moves the clock by
 * `vi.advanceTimersByTime`. Pauses between attempts pass as ever.
 */
export function stopClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Settles when a client of this process has read the status of an answer. */
export function answerBegun(): Promise<void> {
  return new Promise((resolve) => {
    const channel = 'undici:request:headers';
    const listener = () => {
      unsubscribe(channel, listener);
      resolve();
    };
    subscribe(channel, listener);
  });
}

/** The error of a call. Fails if the call succeeds, or fails with another error than a RunnerApiError. */
export async function errorOf(call: Promise<unknown>): Promise<RunnerApiError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof RunnerApiError) return error;
  throw error;
}
