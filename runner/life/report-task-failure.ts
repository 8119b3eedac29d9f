import type { RunnerApi } from '../../clients/runner/runner-api.ts';
import { statusOf } from '../../clients/runner/runner-api-error.ts';
import { delay } from '../../internal/delay.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';
import type { Retry } from '../verdict/judge-task.ts';
import type { TaskRecord } from './task-record.ts';

/** What the runner API was told in the end. */
export type Reported =
  | 'handed-back'
  | 'failed'
  /** It knows the task no more: it was cancelled, or somebody else has reported it. */
  | 'gone'
  /** It refuses to hear of it. */
  | 'untold';

const firstPauseMs = 5000;
const longestPauseMs = 60_000;

/**
 * Tells the runner API of a task that failed, for as long as it takes: hands the task back where that is allowed, else
 * ends it with the message.
 *
 * @throws the signal's reason
 */
export async function reportTaskFailure(
  api: RunnerApi,
  record: TaskRecord,
  failure: { readonly retry: Retry; readonly message: string },
  logger: ControllerLogger,
  signal: AbortSignal,
): Promise<Reported> {
  let note = '';
  if (mayHandBack(record, failure.retry)) {
    const answer = await handBack(api, record, logger);
    if (answer !== 'used-up') {
      if (answer !== 'untold') return answer;
      note = ' It could not be handed back for another try.';
    } else note = ' It was not handed back, as its retries are used up.';
  }
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    signal.throwIfAborted();
    try {
      await api.fail({
        allocation: record.allocation,
        taskToken: record.token,
        timestampMs: Date.now(),
        message: failure.message + note,
      });
      return 'failed';
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return 'gone';
      logger.error('the runner API could not be told of a failure', { task: record.taskId, error });
      // What is refused now will be refused again.
      if (status !== undefined && status < 500 && status !== 429) return 'untold';
      await delay(pauseMs, signal);
    }
  }
}

/** Whether a task is to be handed back for another try. */
export function mayHandBack({ unsafeRetries }: TaskRecord, retry: Retry): boolean {
  return retry === 'always' || (retry === 'if-unsafe' && unsafeRetries);
}

async function handBack(
  api: RunnerApi,
  record: TaskRecord,
  logger: ControllerLogger,
): Promise<'handed-back' | 'used-up' | 'gone' | 'untold'> {
  try {
    await api.unclaim({ taskId: record.taskId, taskToken: record.token });
    return 'handed-back';
  } catch (error) {
    const status = statusOf(error);
    if (status === 409) return 'used-up';
    if (status === 404) return 'gone';
    logger.error('a task could not be handed back', { task: record.taskId, error });
    return 'untold';
  }
}
