import { defaultLimits } from '../limits.ts';
import { type Call, statusOnly } from './call.ts';

export interface Unclaim {
  readonly taskToken: string;
  readonly taskId: string;
}

/** Hands a task back for another try. */
export const unclaim: Call<Unclaim> = {
  name: 'unclaim',
  purpose: 'hand the task back to the runner API',
  method: 'POST',
  path: '/api/v3/runner/unclaim',
  token: ({ taskToken }) => taskToken,
  bearer: 'task',
  body: ({ taskId, taskToken }) => ({ task_id: taskId, task_token: taskToken }),
  statuses: { 404: 'gone', 409: 'retries-exhausted' },
  limits: defaultLimits,
  answer: statusOnly,
};
