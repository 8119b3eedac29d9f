/** The body that hands a task back for another try. */
export function unclaimBody(taskId: string, token: string): string {
  return JSON.stringify({ task_id: taskId, task_token: token });
}

/**
 * The body that reports a failed task. The message ends up in a web page, so what HTML gives a meaning to is
 * removed first.
 *
 * @param timestampMs unix time in ms; fractions are cut off.
 */
export function failBody(allocation: string, timestampMs: number, message: string): string {
  const harmless = message.replace(/[<>&'"]/g, '');
  return JSON.stringify({
    allocation,
    timestamp: Math.trunc(timestampMs),
    message: Buffer.from(harmless, 'utf8').toString('base64'),
  });
}
