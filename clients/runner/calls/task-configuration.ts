import { defaultLimits } from '../limits.ts';
import { type Call, MalformedAnswer } from './call.ts';

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
  answer: { maxBytes: 4 << 20, read: requireTaskId },
  sharesConnections: true,
};

/** Everything else is the caller's matter. Without an id it is not the configuration of a task, but of somebody else. */
function requireTaskId(json: unknown): unknown {
  const isTask =
    typeof json === 'object' && json !== null && 'task_id' in json && typeof json.task_id === 'string';
  if (!isTask) throw new MalformedAnswer('task_id is missing, or not a string');
  return json;
}
