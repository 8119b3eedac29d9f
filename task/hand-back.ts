import type { RunnerClient } from '../clients/runner/client.ts';
import { isRetriesExhausted, mayBeAccepted } from '../clients/runner/runner-api-error.ts';
import type { Logger } from '../internal/log/logger.ts';
import { type Config, taskNames } from './config.ts';

/** Why a task was not handed back. */
export interface NotHandedBack {
  /** A sentence for the failure's message. */
  readonly note: string;
  /** Whether the runner API may have accepted the task all the same. */
  readonly isUncertain: boolean;
}

/**
 * Hands the task back to the runner API (unclaim), so that another runner takes it.
 *
 * @returns undefined once the task is handed back
 */
export async function handBack(
  client: RunnerClient,
  config: Pick<Config, 'task_id' | 'allocation' | 'token'>,
  logger: Logger,
): Promise<NotHandedBack | undefined> {
  try {
    await client.unclaim({ taskToken: config.token, taskId: config.task_id });
    return undefined;
  } catch (error) {
    const isUncertain = mayBeAccepted(error);
    if (isRetriesExhausted(error)) {
      logger.warn('the runner API no longer accepts the task back: its retries are used up', {
        ...taskNames(config),
        error,
      });
      return { note: 'The task was not retried, as its retries are used up.', isUncertain };
    }
    logger.error('the task could not be handed back', { ...taskNames(config), error });
    return { note: 'The task could not be handed back for another try.', isUncertain };
  }
}
