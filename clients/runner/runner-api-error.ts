import type { Call } from './runner-api-call.ts';

/**
 * A call that the runner API did not accept. The message is one line for an operator: the call, the address
 * without credentials, the status or the cause, and how many attempts were made in what time. Neither it nor
 * its cause holds the token, a proxy's password, or anything else that was sent.
 */
export class RunnerApiError extends Error {
  override readonly name = 'RunnerApiError';
  /** Absent when nothing was called, as the settings were unusable. */
  readonly call: Call | undefined;
  /** The HTTP status of the last attempt; absent when it got no answer from the runner API. */
  readonly status: number | undefined;
  /** How many attempts were made; 0 when the settings were unusable or the client had been stopped. */
  readonly attempts: number;

  constructor(
    message: string,
    details: { call?: Call; status?: number | undefined; attempts: number; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.call = details.call;
    this.status = details.status;
    this.attempts = details.attempts;
  }
}

/** Whether the runner API refused to take the task back because its retries are used up (409 to unclaim). */
export function isRetriesExhausted(error: unknown): boolean {
  return error instanceof RunnerApiError && error.call === 'unclaim' && error.status === 409;
}
