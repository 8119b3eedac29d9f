import { harmlessText } from './harmless-text.ts';

/** The body that hands a task back for another try. */
export function unclaimBody(taskId: string, token: string): string {
  return JSON.stringify({ task_id: taskId, task_token: token });
}

/** The body that reports a failed task. @param timestampMs unix time in ms; fractions are cut off. */
export function failBody(allocation: string, timestampMs: number, message: string): string {
  return JSON.stringify({
    allocation,
    timestamp: Math.trunc(timestampMs),
    message: Buffer.from(harmlessText(message), 'utf8').toString('base64'),
  });
}
