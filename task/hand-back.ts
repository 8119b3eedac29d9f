import type { RunnerClient } from '../clients/runner/client.ts';
import { isRetriesExhausted } from '../clients/runner/runner-api-error.ts';
import type { Logger } from '../internal/log/logger.ts';
import { type Config, taskNames } from './config.ts';

/**
 * Hands the task back to the runner API (unclaim), so that another runner takes it.
 *
 * @returns undefined once the task is handed back, or else the reason why not, for the failure's message
 */
export async function handBack(
  client: RunnerClient,
  config: Pick<Config, 'task_id' | 'allocation' | 'token'>,
  logger: Logger,
): Promise<string | undefined> {
  try {
    await client.unclaim({ taskToken: config.token, taskId: config.task_id });
    return undefined;
  } catch (error) {
    if (isRetriesExhausted(error)) {
      logger.warn(
        'the runner API no longer accepts the task back: its retries are used up',
        taskNames(config),
      );
      return 'The task was not retried, as its retries are used up.';
    }
    logger.error('the task could not be handed back', { ...taskNames(config), error });
    return 'The task could not be handed back for another try.';
  }
}
