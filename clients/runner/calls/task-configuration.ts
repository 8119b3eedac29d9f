import { defaultLimits } from '../limits.ts';
import type { Call } from './call.ts';

/** Identifies the task, and proves that the caller has claimed it. */
export interface TaskToken {
  readonly taskToken: string;
}

/** Reads the configuration of a task, as parsed JSON. The caller knows the format. */
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
