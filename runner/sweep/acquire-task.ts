import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import { isReported } from '../life/orchestrator-report.ts';
import { mayRun } from '../life/stop-pod.ts';
import { belongsTo, logFieldsOf, readRecord } from '../life/task-record.ts';
import { judgeCreateError } from '../objects/create-error.ts';
import { ageMsOf } from '../objects/object-age.ts';
import { knownPod } from '../verdict/known-pod.ts';
import type { FoundTask } from './inventory.ts';
import { buildLock, type Lock, lockName } from './lock.ts';
import { deletion, type TakeOver } from './plan-sweep.ts';
import { readPod } from './read-pod.ts';
import { remove, unlessGone } from './remove.ts';
import { isTooOld, type SweepContext } from './sweep-context.ts';

/**
 * Acquires a task that its instance has left, and hands it on, unless another replica is faster or the task is over.
 *
 * @throws KubernetesError, NoAnswerError, MalformedPodError, or the signal's reason
 */
export async function acquireTask(
  { from, task }: TakeOver,
  context: SweepContext,
  signal: AbortSignal,
): Promise<void> {
  const { client, logger, onTask, us } = context;
  try {
    const isOurs = from === undefined || (await lock({ task: task.name, from, owner: us }, context, signal));
    if (!isOurs) return;
  } catch (error) {
    if (judgeCreateError(error) === 'full' && (await makeRoom(task, context, signal))) return;
    throw error;
  }
  // The list may be older than the task's end, and locks are deleted last. So only the current Secret counts.
  const secret = await unlessGone(client.secrets.get(task.name, signal));
  if (secret === undefined || secret.metadata?.deletionTimestamp !== undefined) {
    if (from !== undefined) await unlessGone(client.secrets.delete(lockName(task.name, from), {}, signal));
    return;
  }
  const record = readRecord(secret);
  if (record === undefined) return await leaveTokenless(secret, task, context, signal);
  const found = await readPod(task.name, context, signal);
  // A Secret of somebody else must not cause the deletion of a Pod with its name.
  const pod = found !== undefined && belongsTo(found, record) ? knownPod(found) : undefined;
  logger.info('a task was taken over', { ...logFieldsOf(record), from: from ?? us });
  onTask({
    record,
    pod,
    hasRegistrySecret: task.registrySecret !== undefined,
    maker: task.maker ?? us,
    ageMs: ageMsOf(secret, client),
    locks: [
      ...task.locks.map(({ name }) => name),
      ...(from === undefined ? [] : [lockName(task.name, from)]),
    ],
  });
}

/**
 * Leaves a task without its token to its orchestrator, which alone can still report it. The Secrets are deleted when
 * they are old and the orchestrator has ended.
 */
async function leaveTokenless(secret: Secret, task: FoundTask, context: SweepContext, signal: AbortSignal) {
  context.logger.warn(
    'a task is lost, as its Secret lacks its token; the Secret is deleted when it is old and its Pod has ended',
    { pod: task.name },
  );
  const pod = await readPod(task.name, context, signal);
  if (isTooOld(secret, context) && !mayRun({ gone: false, pod })) await removeSecrets(task, context, signal);
}

/**
 * Deletes the Secrets of a task for whose lock a quota has no room, if its orchestrator has reported: then nobody needs
 * them. Other replicas may do the same.
 *
 * @returns whether they were deleted
 */
async function makeRoom(task: FoundTask, context: SweepContext, signal: AbortSignal): Promise<boolean> {
  if (!context.collects || !isReported({ pod: await readPod(task.name, context, signal) })) return false;
  await removeSecrets(task, context, signal);
  return true;
}

/** The next sweep deletes the Pod. */
async function removeSecrets(
  { registrySecret, secret }: FoundTask,
  context: SweepContext,
  signal: AbortSignal,
): Promise<void> {
  if (!context.collects) return;
  for (const object of [secret, registrySecret])
    if (object !== undefined) await remove(deletion('secret', object), context, signal);
}

/** @returns whether no other replica was faster */
async function lock(
  lock: Omit<Lock, 'name'>,
  { client, namespace }: SweepContext,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.secrets.create(buildLock(namespace, lock), signal);
    return true;
  } catch (error) {
    // Any other conflict, as with a quota that many use at a time, says nothing about the lock.
    if (judgeCreateError(error) === 'exists') return false;
    throw error;
  }
}
