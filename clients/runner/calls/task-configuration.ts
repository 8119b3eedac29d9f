import { defaultLimits } from '../send-with-retries.ts';
import type { Call } from './call.ts';

/** Says which task is meant, and that the caller has claimed it. */
export interface TaskToken {
  readonly taskToken: string;
}

/** Reads what a task consists of, as parsed JSON. Its format is for the caller to know. */
export const taskConfiguration: Call<TaskToken, unknown> = {
  name: 'task-configuration',
  purpose: "read the task's configuration from the runner API",
  method: 'GET',
  path: '/api/v2/task/config',
  token: ({ taskToken }) => taskToken,
  bearer: 'task',
  statuses: { 404: 'gone' },
  limits: defaultLimits,
  answer: { maxBytes: 4 << 20, read: (json) => json },
};
