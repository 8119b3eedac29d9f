import type { Limits } from '../limits.ts';

/**
 * The meaning of an answer. All meanings except `success` and `try-again` are final failures: the task's
 * retries are used up, the task is cancelled or unknown (`gone`), the runner API rejects the call for another
 * reason (`refused`), or it accepts the call with a body that is longer than allowed (`too-long`) or otherwise cannot
 * be used (`malformed`).
 */
export type Meaning =
  | 'success'
  | 'retries-exhausted'
  | 'gone'
  | 'refused'
  | 'malformed'
  | 'too-long'
  | 'try-again';

/** The names of the calls. They are labels of a metric: the set is bounded, and no name ever changes. */
export type CallName =
  | 'claim'
  | 'task-configuration'
  | 'unclaim'
  | 'fail'
  | 'step-start'
  | 'step-output'
  | 'step-end';

/** A call of the runner API, and the meaning of its answers. */
export interface Call<Input, Result = void> {
  readonly name: CallName;
  /** The purpose of the call, in words that follow "cannot". */
  readonly purpose: string;
  readonly method: 'GET' | 'POST';
  /** Below the base URL. */
  readonly path: string;
  /** The token that authorises it. */
  readonly token: (input: Input) => string;
  /** Whose token it is, in words for a message. */
  readonly bearer: 'task' | 'resource class';
  /** The body, before it becomes JSON. Absent if the request has none. */
  readonly body?: (input: Input) => object;
  /** The statuses that have a special meaning for this call. {@link meaningOf} has the others. */
  readonly statuses: Readonly<Record<number, Meaning>>;
  readonly limits: Limits;
  readonly answer: AnswerFormat<Result>;
  /**
   * Whether its first attempt may use a connection that another such call has left open, and leaves its own. Not for
   * calls that must not be lost or made twice: such a connection may have died in the meantime.
   */
  readonly sharesConnections?: true;
}

/** The format of a success's body. */
export interface AnswerFormat<Result> {
  /** The limit of what is read. 0: only the status counts, and the call does not wait for the body. */
  readonly maxBytes: number;
  /**
   * @param json the parsed body. Undefined if the body is empty
   * @throws MalformedAnswer
   */
  readonly read: (json: unknown) => Result;
}

/** A success whose body cannot be used. The message says why, and quotes no value: it may be a secret. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
  readonly meaning: 'malformed' | 'too-long';

  constructor(message: string, meaning: 'malformed' | 'too-long' = 'malformed') {
    super(message);
    this.meaning = meaning;
  }
}

// 408, 425 and 429: the server asks for another try, RFC 9110 (15.5.9), RFC 8470 (5.2), RFC 6585 (4).
const passing: readonly number[] = [408, 425, 429];

/** The meaning of a status in an answer to a call. Redirects are not followed, so they count as refusals. */
export function meaningOf(call: Pick<Call<never>, 'statuses'>, status: number): Meaning {
  if (status >= 200 && status <= 299) return 'success';
  return call.statuses[status] ?? (status >= 500 || passing.includes(status) ? 'try-again' : 'refused');
}

/** For calls of which only the status counts. */
export const statusOnly: AnswerFormat<void> = { maxBytes: 0, read: () => undefined };
