/** An answer of the API server other than a success, with the content of its `Status` object. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  /** The HTTP status. */
  readonly status: number;
  /** A word such as `NotFound`, `AlreadyExists`, `Forbidden`, `Expired`. Empty if there was no Status. */
  readonly reason: string;
  /** The server's message, without the request. Empty if there was no Status. */
  readonly said: string;
  /** How long the server asks to wait before another try, ms. Undefined if it does not say. */
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

/** Validation may list many errors. Nobody reads more than this, and the message goes into the log. */
const longestSaid = 4096;

/** The text of a field in the API server's answer. Empty if it has none. */
export function saidIn(field: unknown): string {
  return typeof field === 'string' ? field.slice(0, longestSaid) : '';
}

/**
 * The API server gave no answer: the connection failed, broke, or took too long, or something else answered in its
 * place.
 */
export class NoAnswerError extends Error {
  override readonly name: string = 'NoAnswerError';
}

/** The answer was cut off, because it was longer than any that this program reads. */
export class AnswerTooLongError extends NoAnswerError {
  override readonly name = 'AnswerTooLongError';
}

/** Whether the API server answered with one of these HTTP statuses. */
export function isStatus(error: unknown, ...statuses: readonly number[]): error is KubernetesError {
  return error instanceof KubernetesError && statuses.includes(error.status);
}

/**
 * Whether the same request may succeed later: after no answer, too many requests, a fault of the server, or a token
 * that is about to be replaced.
 */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof NoAnswerError ||
    (error instanceof KubernetesError &&
      (error.status === 401 || error.status === 429 || error.status >= 500))
  );
}

/** How many refusals it takes until one counts. */
const mostRefusals = 4;
/** How long it is not believed that a right is missing, ms. */
const disbeliefMs = 60_000;

/**
 * The refusals of a request that is made again and again. An API server that has just started may refuse what Roles
 * allow until it has read them, which may take minutes if there are very many (kubernetes/kubernetes#121635).
 */
export class Refusals {
  #count = 0;
  #firstMs = 0;

  /** Whether another try is of no use after this answer. A passing one never counts. */
  isFinal(error: unknown): boolean {
    if (isPassing(error)) return false;
    if (this.#count++ === 0) this.#firstMs = performance.now();
    const isBelieved = !isMissingRight(error) || performance.now() - this.#firstMs >= disbeliefMs;
    return this.#count >= mostRefusals && isBelieved;
  }
}

/** Whether RBAC does not allow the request. Soon after the API server's start, that may be wrong: see {@link Refusals}. */
export function isMissingRight(error: unknown): boolean {
  return isStatus(error, 403) && /cannot \w+ resource/.test(error.said);
}
