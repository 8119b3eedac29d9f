import type { Meaning } from './calls/call.ts';

/**
 * A call that the runner API did not accept. The message is one line for an operator: the call, the address
 * without credentials, the status or the cause, the number of attempts and their time. Neither the message
 * nor its cause contains the token, a proxy's password, or other data of the request.
 */
export class RunnerApiError extends Error {
  override readonly name = 'RunnerApiError';
  /** The HTTP status of the last attempt. Undefined if the attempt got no answer from the runner API. */
  readonly status: number | undefined;
  /** The meaning of that status. */
  readonly meaning: Meaning | undefined;
  /** How long the server asks to be left alone, in ms. Undefined if it does not say. */
  readonly retryAfterMs: number | undefined;
  /** The number of attempts. 0 if the settings were unusable or the client had been stopped. */
  readonly attempts: number;
  /**
   * Whether the runner API may have accepted an attempt, though no answer said so: an answer was lost, or an error of the
   * server came after it had acted. An answer to a later attempt then says little: what was accepted is refused.
   */
  readonly isUncertain: boolean;

  constructor(
    message: string,
    details: {
      status?: number | undefined;
      meaning?: Meaning | undefined;
      retryAfterMs?: number | undefined;
      attempts: number;
      isUncertain?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.meaning = details.meaning;
    this.retryAfterMs = details.retryAfterMs;
    this.attempts = details.attempts;
    this.isUncertain = details.isUncertain ?? false;
  }
}

/** Whether the runner API refused to take the task back because its retries are used up. */
export function isRetriesExhausted(error: unknown): boolean {
  return error instanceof RunnerApiError && error.meaning === 'retries-exhausted';
}

/** Whether the runner API does not know a task, or not any more. */
export function isGone(error: unknown): boolean {
  return error instanceof RunnerApiError && error.meaning === 'gone';
}

/** Whether somebody refused a call with a status that has no other meaning for it. */
export function isRefused(error: unknown): boolean {
  return error instanceof RunnerApiError && error.meaning === 'refused';
}

/** Whether the runner API may have accepted a call though it failed: {@link RunnerApiError.isUncertain}. */
export function mayBeAccepted(error: unknown): boolean {
  return error instanceof RunnerApiError && error.isUncertain;
}

/** The status of a call that the runner API did not accept. Undefined if there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof RunnerApiError ? error.status : undefined;
}
