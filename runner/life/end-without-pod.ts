import type { NotCreatedError } from '../objects/create-object.ts';
import { deletePod } from '../objects/delete-objects.ts';
import type { PodView } from '../verdict/pod-view.ts';
import { PodStoppedError } from './resolve-clash.ts';
import type { TaskFailure } from './task-failure.ts';
import type { TaskLife } from './task-life.ts';
import { belongsTo } from './task-record.ts';

/** Ends a task that got no Pod, or whose Pod was stopped soon after its creation. @throws the signal's reason */
export async function endWithoutPod(
  error: NotCreatedError | PodStoppedError,
  life: TaskLife,
  hasRegistrySecret: boolean,
  signal: AbortSignal,
): Promise<void> {
  const what = error instanceof PodStoppedError ? 'stopped' : 'not created';
  const message = `The Pod of the task was ${what}. ${error.message}`;
  await reportWithoutPod({ reason: 'not-created', retry: error.retry, message }, life, signal);
  await life.cleanUp({ pod: undefined, hasRegistrySecret }, signal);
}

/**
 * Reports a task that has no Pod. The API server may still be creating one, for a request that it has not answered. It
 * cannot start once the task's Secret is deleted, but while the runner API is away, the report waits, and so does the
 * Secret. So a Pod that comes meanwhile is deleted at once.
 *
 * @throws the signal's reason
 */
export async function reportWithoutPod(
  failure: TaskFailure,
  life: TaskLife,
  signal: AbortSignal,
): Promise<void> {
  const { context, record } = life;
  const { client, logger, watch } = context;
  const reported = new AbortController();
  let deletion: Promise<unknown> | undefined;
  const look = ({ gone, pod }: PodView) => {
    if (gone || pod === undefined || record === undefined || !belongsTo(pod, record)) return;
    deletion ??= deletePod(client, pod, 0, logger, signal);
  };
  watch.view(record?.podName ?? '', undefined, look, AbortSignal.any([signal, reported.signal]));
  try {
    await life.fail(failure, signal);
  } finally {
    reported.abort();
  }
  await deletion;
}
