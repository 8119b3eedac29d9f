import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import type { Report } from './story.ts';

/** Its user agent tells its calls from those of a controller. */
export const orchestratorAgent = 'CircleCI-GOAT/fake';

/** What the orchestrator of a task knows. */
export interface OrchestratorTask {
  readonly runnerApiUrl: string;
  readonly taskId: string;
  readonly allocation: string;
  readonly token: string;
}

const againAfterMs = 20;

/** Tells the runner API how a task went, until it answers. What it answers is the runner API's record to know. */
export async function reportAsOrchestrator(task: OrchestratorTask, report: Report): Promise<void> {
  for (;;) {
    const status = await tell(task, report).catch(() => undefined);
    // Its retries are used up: it fails.
    if (status === 409) return await reportAsOrchestrator(task, 'failure');
    if (status !== undefined && status < 500 && ![408, 425, 429].includes(status)) return;
    await pause(againAfterMs);
  }
}

/** @returns the status of the answer */
async function tell(
  { allocation, runnerApiUrl, taskId, token }: OrchestratorTask,
  report: Report,
): Promise<number> {
  const calls = {
    success: ['/dev/agent/success', {}],
    failure: [
      '/api/v2/task/event/fail',
      { allocation, timestamp: Date.now(), message: btoa('the job failed') },
    ],
    'hand-back': ['/api/v3/runner/unclaim', { task_id: taskId, task_token: token }],
  } as const;
  const [path, body] = calls[report];
  const answer = await request(`${runnerApiUrl}${path}`, {
    method: 'POST',
    headers: {
      'User-Agent': orchestratorAgent,
      'Content-Type': 'application/json',
      Authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(body),
  });
  answer.body.on('error', () => {}).destroy();
  return answer.statusCode;
}
