import type { RunnerApi } from '../../clients/runner/runner-api.ts';
import { RunnerApiError } from '../../clients/runner/runner-api-error.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';
import type { Retry } from '../verdict/judge-task.ts';
import { insist, untilToldSo } from './insist.ts';
import type { TaskRecord } from './task-record.ts';

/** What the runner API was told in the end. */
export type Reported =
  | 'handed-back'
  | 'failed'
  /** It no longer knows the task: it was cancelled, or somebody else has reported it. */
  | 'gone'
  /** It refuses the report. */
  | 'untold';

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
  insistence = untilToldSo,
): Promise<Reported> {
  const tell = (call: () => Promise<void>) =>
    insist(
      call,
      insistence,
      (error) =>
        logger.error('the runner API could not be told of a failure', { task: record.taskId, error }),
      signal,
    );
  let note = '';
  if (mayHandBack(record, failure.retry)) {
    const { taskId, token: taskToken } = record;
    const refusal = await refusalOf(
      tell(() => api.unclaim({ taskId, taskToken })),
      signal,
    );
    if (refusal === undefined) return 'handed-back';
    if (refusal.status === 404) return 'gone';
    if (refusal.status !== 409)
      logger.error('a task could not be handed back', { task: taskId, error: refusal });
    note = refusal.status === 409 ? retriesUsedUp : notTakenBack;
  }
  const { allocation, token: taskToken } = record;
  const message = failure.message + note;
  const fail = () => api.fail({ allocation, taskToken, timestampMs: Date.now(), message });
  const refusal = await refusalOf(tell(fail), signal);
  if (refusal === undefined) return 'failed';
  if (refusal.status === 404) return 'gone';
  logger.error('the runner API refuses the report of a failure', { task: record.taskId, error: refusal });
  return 'untold';
}

const retriesUsedUp = ' It was not handed back, as its retries are used up.';
const notTakenBack = ' It could not be handed back for another try.';

/** The answer that will not change, if it is no success. */
async function refusalOf(call: Promise<void>, signal: AbortSignal): Promise<RunnerApiError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RunnerApiError) return error;
    throw error;
  }
}

/** Whether a task is to be handed back for another try. */
export function mayHandBack({ unsafeRetries }: TaskRecord, retry: Retry): boolean {
  return retry === 'always' || (retry === 'if-unsafe' && unsafeRetries);
}
