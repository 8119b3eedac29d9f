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
import { remove, unlessGone } from './remove.ts';
import { isTooOld, type Sweeper } from './sweeper.ts';

/**
 * Acquires a task that its instance has left, and hands it on, unless another replica is faster or the task is over.
 *
 * @throws KubernetesError, NoAnswerError, or the signal's reason
 */
export async function acquireTask(
  { from, task }: TakeOver,
  sweeper: Sweeper,
  signal: AbortSignal,
): Promise<void> {
  const { client, logger, onTask, us } = sweeper;
  try {
    const isOurs = from === undefined || (await lock({ task: task.name, from, owner: us }, sweeper, signal));
    if (!isOurs) return;
  } catch (error) {
    if (judgeCreateError(error) === 'full' && (await makeRoom(task, sweeper, signal))) return;
    throw error;
  }
  // The list may be older than the task's end, and locks are deleted last. So only the current Secret counts.
  const secret = await unlessGone(client.secrets.get(task.name, signal));
  if (secret === undefined || secret.metadata?.deletionTimestamp !== undefined) {
    if (from !== undefined) await unlessGone(client.secrets.delete(lockName(task.name, from), {}, signal));
    return;
  }
  const record = readRecord(secret);
  if (record === undefined) return await leaveTokenless(secret, task, sweeper, signal);
  const found = await readPod(task, sweeper, signal);
  // A Secret of somebody else must not cause the deletion of a Pod with its name.
  const pod = found !== undefined && belongsTo(found, record) ? found : undefined;
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
async function leaveTokenless(secret: Secret, task: FoundTask, sweeper: Sweeper, signal: AbortSignal) {
  sweeper.logger.warn(
    'a task is lost, as its Secret lacks its token; the Secret is deleted when it is old and its Pod has ended',
    { pod: task.name },
  );
  const pod = await readPod(task, sweeper, signal);
  if (isTooOld(secret, sweeper) && !mayRun({ gone: false, pod })) await removeSecrets(task, sweeper, signal);
}

/**
 * Deletes the Secrets of a task for whose lock a quota has no room, if its orchestrator has reported: then nobody needs
 * them. Other replicas may do the same.
 *
 * @returns whether they were deleted
 */
async function makeRoom(task: FoundTask, sweeper: Sweeper, signal: AbortSignal): Promise<boolean> {
  if (!sweeper.collects || !isReported({ pod: await readPod(task, sweeper, signal) })) return false;
  await removeSecrets(task, sweeper, signal);
  return true;
}

async function readPod({ name }: FoundTask, { client }: Sweeper, signal: AbortSignal) {
  return await unlessGone(client.pods.get(name, signal).then(knownPod));
}

/** The next sweep deletes the Pod. */
async function removeSecrets(
  { registrySecret, secret }: FoundTask,
  sweeper: Sweeper,
  signal: AbortSignal,
): Promise<void> {
  if (!sweeper.collects) return;
  for (const object of [secret, registrySecret])
    if (object !== undefined) await remove(deletion('secret', object), sweeper, signal);
}

/** @returns whether no other replica was faster */
async function lock(
  lock: Omit<Lock, 'name'>,
  { client, namespace }: Sweeper,
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
