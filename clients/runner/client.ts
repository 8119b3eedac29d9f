import { createCaller, type RunnerApiAccess } from './caller.ts';
import { type Fail, fail } from './calls/fail.ts';
import { type Unclaim, unclaim } from './calls/unclaim.ts';

/** The calls that a task's own Pod makes. {@link RunnerApi} has all calls. */
export interface RunnerClient {
  /** Hands a task back for another try. @throws RunnerApiError; see `isRetriesExhausted` */
  unclaim(task: Unclaim): Promise<void>;
  /** Reports a task as failed. @throws RunnerApiError */
  fail(failure: Fail): Promise<void>;
  /** Ends running calls and refuses further calls. Settles when every connection and timer is gone. */
  close(): Promise<void>;
}

/**
 * @throws RunnerApiError if the base URL cannot be used. The message does not quote the URL
 */
export function createRunnerClient(access: RunnerApiAccess): RunnerClient {
  const { call, close } = createCaller(access);
  return {
    unclaim: (task) => call(unclaim, task),
    fail: (failure) => call(fail, failure),
    close,
  };
}
