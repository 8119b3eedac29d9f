import { createRunnerClient, type RunnerClient, type RunnerClientOptions } from './client.ts';
import { RunnerApiError } from './runner-api-error.ts';

export const testToken = 'test-token-0123456789';

/** A client as the product makes it, but with limits that let a test see them reached. */
export function testClient(baseUrl: string, options: Partial<RunnerClientOptions> = {}): RunnerClient {
  const limits = { attemptMs: 2000, totalMs: 10_000, firstPauseMs: 1, longestPauseMs: 10, ...options.limits };
  return createRunnerClient({
    baseUrl,
    token: testToken,
    userAgent: 'CircleCI-GOAT/test',
    proxy: {},
    ca: [],
    ...options,
    limits,
  });
}

/** What a call failed with; fails itself if it did not, or not with a RunnerApiError. */
export async function errorOf(call: Promise<unknown>): Promise<RunnerApiError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof RunnerApiError) return error;
  throw error;
}
