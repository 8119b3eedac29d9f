/** The API server's answer that is no success, as its `Status` object has it. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  /** HTTP. */
  readonly status: number;
  /** A word such as `NotFound`, `AlreadyExists`, `Forbidden`, `Expired`; empty if there was no Status. */
  readonly reason: string;
  /** What the server said, without what was asked; empty if there was no Status. */
  readonly said: string;
  /** How long to wait before another try, ms; undefined: not said. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    answer: { status: number; reason?: string; said?: string; retryAfterMs?: number | undefined },
  ) {
    super(message);
    this.status = answer.status;
    this.reason = answer.reason ?? '';
    this.said = answer.said ?? '';
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** Validation lists what it finds, but nobody reads more than this, and it goes into the log. */
const longestSaid = 4096;

/** What an API server says in a field; empty if it says nothing there. */
export function saidIn(field: unknown): string {
  return typeof field === 'string' ? field.slice(0, longestSaid) : '';
}

/** There was no answer: the connection could not be made, broke, or took too long. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** Whether the API server answered with one of these statuses of HTTP. */
export function isStatus(error: unknown, ...statuses: readonly number[]): error is KubernetesError {
  return error instanceof KubernetesError && statuses.includes(error.status);
}

/**
 * Whether the same request may succeed later: no answer, too many requests, a fault of the server, or a token that is
 * about to be replaced.
 */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof NoAnswerError ||
    (error instanceof KubernetesError &&
      (error.status === 401 || error.status === 429 || error.status >= 500))
  );
}
