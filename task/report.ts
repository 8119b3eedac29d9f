import type { RunnerClient } from '../clients/runner/client.ts';
import { mayBeAccepted } from '../clients/runner/runner-api-error.ts';
import type { Failure } from '../internal/failure.ts';
import type { LogFields, Logger } from '../internal/log/logger.ts';
import { removeMarkup } from '../internal/output/safe-text.ts';
import { writeTold, writeUncertain, writeUntold } from '../internal/termination-log.ts';
import { type Config, taskNames } from './config.ts';
import { handBack } from './hand-back.ts';

/** The recipients of a task's failure: the log, and the runner API. */
export interface Recipients {
  readonly config: Pick<Config, 'token' | 'task_id' | 'allocation' | 'enable_unsafe_retries'>;
  readonly logger: Logger;
  /** The measures of the task's life, for its last line in the log. */
  readonly measures: () => LogFields;
  /** Loaded only when there is something to report. */
  readonly openClient: () => Promise<RunnerClient>;
}

/**
 * Tells the runner API about a failure: hands the task back if that is allowed, or else reports the task as failed.
 *
 * @param insight one more sentence on the cause, or ''
 * @returns the exit status: 0 once the API was told
 */
export async function reportFailure(
  failure: Failure,
  insight: string,
  recipients: Recipients,
): Promise<number> {
  const { config, logger } = recipients;
  const summary = () => ({ ...taskNames(config), ...recipients.measures() });
  logger.error('task failed', {
    ...taskNames(config),
    ...failure.logFields,
    reason: failure.message,
    ...(insight === '' ? {} : { insight }),
    ...(failure.output === '' ? {} : { stderr: failure.output }),
  });
  let message = composeMessage(failure, insight);
  let isUncertain = false;
  // If the Pod ends before the report is done, at least this message remains.
  writeUntold(message);
  try {
    const client = await recipients.openClient();
    try {
      const refusal =
        failure.retryable || config.enable_unsafe_retries
          ? await handBack(client, config, logger)
          : notAskedFor;
      message = composeMessage(failure, insight, refusal?.note);
      if (refusal === undefined) {
        logger.info('task handed back to the runner API for another try', summary());
      } else {
        isUncertain = refusal.isUncertain;
        writeUntold(message);
        const { allocation, token: taskToken } = config;
        await client.fail({ taskToken, allocation, timestampMs: Date.now(), message });
        logger.info('failure reported to the runner API', summary());
      }
      writeTold(message, { isHandedBack: refusal === undefined });
      return 0;
    } finally {
      await client.close();
    }
  } catch (error) {
    logger.error('the runner API could not be told of the failure', { ...summary(), error });
    if (isUncertain || mayBeAccepted(error)) writeUncertain(message);
    return failure.exitStatus;
  }
}

const notAskedFor = { note: '', isUncertain: false };

function composeMessage(failure: Failure, insight: string, note = ''): string {
  const summary = [failure.message, insight, note].filter((part) => part !== '').join(' ');
  const pointer = 'For more, look at the logs of this container.';
  const output = failure.output === '' ? ' ' : ` Its stderr:\n${failure.output}\n`;
  return removeMarkup(`${summary}${output}${pointer}`);
}
