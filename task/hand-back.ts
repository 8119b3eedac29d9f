import type { RunnerClient } from '../clients/runner/client.ts';
import { isRetriesExhausted } from '../clients/runner/runner-api-error.ts';
import type { Logger } from '../internal/log/logger.ts';
import type { Config } from './config.ts';

/**
 * Hands the task back to the runner API (unclaim), so that another runner takes it.
 *
 * @returns undefined once the task is handed back, or else the reason why not, for the failure's message
 */
export async function handBack(
  client: RunnerClient,
  { task_id: task, token }: Pick<Config, 'task_id' | 'token'>,
  logger: Logger,
): Promise<string | undefined> {
  try {
    await client.unclaim({ taskToken: token, taskId: task });
    logger.info('task handed back to the runner API for another try', { task });
    return undefined;
  } catch (error) {
    if (isRetriesExhausted(error)) {
      logger.warn('the runner API takes the task back no more: its retries are used up', { task });
      return 'The task was not retried, as its retries are used up.';
    }
    logger.error('the task could not be handed back', { error });
    return 'The task could not be handed back for another try.';
  }
}
