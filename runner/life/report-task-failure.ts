import { type RepeatPolicy, repeatCall } from '../../clients/runner/repeat-call.ts';
import type { RunnerApi } from '../../clients/runner/runner-api.ts';
import {
  isGone,
  isRetriesExhausted,
  mayBeAccepted,
  RunnerApiError,
} from '../../clients/runner/runner-api-error.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';
import type { Retry } from '../verdict/verdict.ts';
import type { TaskRecord } from './task-record.ts';

/** The result of a report to the runner API. */
export type Reported =
  | 'handed-back'
  | 'failed'
  /** The runner API no longer knows the task: it was cancelled, or somebody else has reported it. */
  | 'gone'
  /** The runner API refuses the report, perhaps because it has accepted it before: an answer was lost. */
  | 'unconfirmed'
  /** The runner API refuses the report. */
  | 'untold';

/**
 * Reports a failed task to the runner API, however long that takes. Hands the task back if that is allowed, or else
 * ends it with the message.
 *
 * @throws the signal's reason
 */
export async function reportTaskFailure(
  api: RunnerApi,
  record: TaskRecord,
  failure: { readonly retry: Retry; readonly message: string },
  policy: RepeatPolicy,
  logger: ControllerLogger,
  signal: AbortSignal,
): Promise<Reported> {
  const { allocation, taskId, token: taskToken } = record;
  let isUncertain = false;
  /** @returns the final answer, if it is not a success */
  const tell = async (call: () => Promise<void>): Promise<RunnerApiError | undefined> => {
    const attempt = () =>
      call().catch((error: unknown) => {
        isUncertain ||= mayBeAccepted(error);
        throw error;
      });
    const onTrouble = (error: unknown) =>
      logger.error('the runner API could not be told of a failure', { error });
    try {
      await repeatCall(attempt, policy, onTrouble, signal);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RunnerApiError) return error;
      throw error;
    }
  };
  const explain = (error: RunnerApiError): Reported => {
    if (isUncertain) {
      logger.warn('it is not known whether the runner API has accepted the report of a failure', { error });
      return 'unconfirmed';
    }
    if (isGone(error)) return 'gone';
    logger.error('the runner API refuses the report of a failure', { error });
    return 'untold';
  };
  let note = '';
  if (mayHandBack(record, failure.retry)) {
    const refusal = await tell(() => api.unclaim({ taskId, taskToken }));
    if (refusal === undefined) return 'handed-back';
    if (isGone(refusal)) return explain(refusal);
    const isUsedUp = isRetriesExhausted(refusal);
    if (!isUsedUp) logger.error('a task could not be handed back', { error: refusal });
    note = isUsedUp ? retriesUsedUp : notTakenBack;
  }
  const message = failure.message + note;
  const refusal = await tell(() => api.fail({ allocation, taskToken, timestampMs: Date.now(), message }));
  return refusal === undefined ? 'failed' : explain(refusal);
}

const retriesUsedUp = ' It was not handed back, as its retries are used up.';
const notTakenBack = ' It could not be handed back for another try.';

/** Whether a task may be handed back for another try. */
export function mayHandBack({ unsafeRetries }: TaskRecord, retry: Retry): boolean {
  return retry === 'always' || (retry === 'if-unsafe' && unsafeRetries);
}
