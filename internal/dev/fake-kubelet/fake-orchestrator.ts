import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import type { Report } from './story.ts';

/** The user agent that distinguishes its calls from a controller's. */
export const orchestratorAgent = 'CircleCI-GOAT/fake';

/** An orchestrator's knowledge of its task. */
export interface OrchestratorTask {
  readonly runnerApiUrl: string;
  readonly taskId: string;
  readonly allocation: string;
  readonly token: string;
}

const againAfterMs = 20;

/**
 * Reports the end of a task until the runner API answers. A task that cannot be handed back fails.
 *
 * @returns whether the runner API has taken the report
 */
export async function reportAsOrchestrator(task: OrchestratorTask, report: Report): Promise<boolean> {
  for (;;) {
    const status = await tell(task, report).catch(() => undefined);
    if (status !== undefined && status < 500 && ![408, 425, 429].includes(status)) {
      if (status <= 299) return true;
      return report === 'hand-back' && (await reportAsOrchestrator(task, 'failure'));
    }
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
