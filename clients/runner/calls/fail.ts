import { removeMarkup } from '../../../internal/output/safe-text.ts';
import { defaultLimits } from '../limits.ts';
import { type Call, statusOnly } from './call.ts';

export interface Fail {
  readonly taskToken: string;
  readonly allocation: string;
  /** Unix time in ms; fractions are cut off. */
  readonly timestampMs: number;
  readonly message: string;
}

/** Ends a task as failed, with a message for its owner. */
export const fail: Call<Fail> = {
  name: 'fail',
  purpose: 'report the failure to the runner API',
  method: 'POST',
  path: '/api/v2/task/event/fail',
  token: ({ taskToken }) => taskToken,
  bearer: 'task',
  body: ({ allocation, timestampMs, message }) => ({
    allocation,
    timestamp: Math.trunc(timestampMs),
    message: Buffer.from(removeMarkup(message), 'utf8').toString('base64'),
  }),
  statuses: { 404: 'gone' },
  limits: defaultLimits,
  answer: statusOnly,
};
