import { removeMarkup } from '../../internal/output/safe-text.ts';

/**
 * The meaning of an answer. All meanings except `success` and `try-again` are final failures: the task's
 * retries are used up, the task is cancelled or unknown (`gone`), or the runner API rejects the call for
 * another reason (`refused`).
 */
export type Meaning = 'success' | 'retries-exhausted' | 'gone' | 'refused' | 'try-again';

/** A call of the runner API, and the meaning of its answers. */
export interface Call<Input> {
  /** The purpose of the call, in words that follow "cannot". */
  readonly purpose: string;
  readonly method: 'POST';
  /** Below the base URL. */
  readonly path: string;
  /** The token that authorises it. */
  readonly token: (input: Input) => string;
  /** The body, before it becomes JSON. */
  readonly body: (input: Input) => object;
  /** The statuses that have a special meaning for this call. {@link meaningOf} has the others. */
  readonly statuses: Readonly<Record<number, Meaning>>;
}

export interface Unclaim {
  readonly taskToken: string;
  readonly taskId: string;
}

export interface Fail {
  readonly taskToken: string;
  readonly allocation: string;
  /** Unix time in ms; fractions are cut off. */
  readonly timestampMs: number;
  readonly message: string;
}

/** All calls of the runner API. */
export const calls: { readonly unclaim: Call<Unclaim>; readonly fail: Call<Fail> } = {
  unclaim: {
    purpose: 'hand the task back to the runner API',
    method: 'POST',
    path: '/api/v3/runner/unclaim',
    token: ({ taskToken }) => taskToken,
    body: ({ taskId, taskToken }) => ({ task_id: taskId, task_token: taskToken }),
    statuses: { 404: 'gone', 409: 'retries-exhausted' },
  },
  fail: {
    purpose: 'report the failure to the runner API',
    method: 'POST',
    path: '/api/v2/task/event/fail',
    token: ({ taskToken }) => taskToken,
    body: ({ allocation, timestampMs, message }) => ({
      allocation,
      timestamp: Math.trunc(timestampMs),
      message: Buffer.from(removeMarkup(message), 'utf8').toString('base64'),
    }),
    statuses: { 404: 'gone' },
  },
};

/** The meaning of a status in an answer to a call. Redirects are not followed, so they count as refusals. */
export function meaningOf(call: Pick<Call<never>, 'statuses'>, status: number): Meaning {
  if (status >= 200 && status <= 299) return 'success';
  return call.statuses[status] ?? (status >= 500 ? 'try-again' : 'refused');
}
