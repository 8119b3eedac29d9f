import { hasStarted, primaryOf } from '../verdict/container.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import * as messages from '../verdict/messages.ts';
import { bringToEnd } from './bring-to-end.ts';
import { endWithoutPod, reportWithoutPod } from './end-without-pod.ts';
import { findPod } from './find-pod.ts';
import { eventsLastMs, FoundPast, type PodPast } from './pod-past.ts';
import { PodStoppedError, resolveClash } from './resolve-clash.ts';
import { superviseTask } from './supervise-task.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskFailure } from './task-failure.ts';
import { TaskLife } from './task-life.ts';
import type { TaskRecord } from './task-record.ts';

/** A task that is ours now. Another instance began it, or this program before a restart. */
export interface TakenOverTask {
  readonly record: TaskRecord;
  /** Undefined: it has no Pod any more, or never had one. */
  readonly pod: KnownPod | undefined;
  readonly hasRegistrySecret: boolean;
  /** The instance that claimed it, whose label its objects have. */
  readonly maker: string;
  /** The names of the Secrets that say who has had the task since. They are deleted last. */
  readonly locks: readonly string[];
  /** The time since its Secret was created, ms. */
  readonly ageMs: number;
}

/**
 * Brings a task that was taken over to its end, as if its owner had never been away.
 *
 * @throws the signal's reason: the task continues without us
 */
export async function takeOverTask(
  task: TakenOverTask,
  shared: TaskContext,
  signal: AbortSignal,
): Promise<void> {
  const { hasRegistrySecret, locks, maker, pod, record } = task;
  const life = new TaskLife(shared, record, { record, locks });
  const { context } = life;
  life.tell(
    `Task ${record.taskId} of the resource class ${record.resourceClass} was taken over by ${context.podSettings().instance}, as ${maker} does not watch it any more.`,
  );
  const over = new AbortController();
  const supervise = async (found: KnownPod) => {
    const past = new FoundPast(found, task.ageMs, context, AbortSignal.any([signal, over.signal]));
    let kept: KnownPod;
    try {
      kept = await checkPort(found, past, context, signal);
    } catch (error) {
      if (!(error instanceof PodStoppedError)) throw error;
      return await endWithoutPod(error, life, hasRegistrySecret, signal);
    }
    await superviseTask({ life, pod: kept, hasRegistrySecret, claimedMs: undefined, past }, signal);
  };
  const work = async () => {
    if (pod !== undefined) return await supervise(pod);
    const failure = await judgeMissingPod(task, context, signal);
    // Its creation may have been under way when its owner died: the events may be those of a Pod that came meanwhile.
    const created = await findPod(life, signal);
    if (created !== undefined) return await supervise(created);
    await reportWithoutPod(failure, life, signal);
    // It may still be under way, and the reported task may now run elsewhere.
    const late = await findPod(life, signal);
    await life.cleanUp({ pod: late, hasRegistrySecret, graceSeconds: 0 }, signal);
  };
  try {
    await bringToEnd(life, work, signal);
  } finally {
    over.abort();
  }
}

/**
 * The creator of the Pod may have died before it could check that no other Pod has the same SSH port. It is no longer
 * known which of two Pods came first. A started task is worth more than an unambiguous port, and a Pod that has failed
 * no longer has one.
 *
 * @returns as {@link resolveClash}
 * @throws PodStoppedError, or the signal's reason
 */
async function checkPort(
  pod: KnownPod,
  past: PodPast,
  context: TaskContext,
  signal: AbortSignal,
): Promise<KnownPod> {
  const { ssh, watch } = context;
  if (ssh === undefined) return pod;
  const findShared = async (it: KnownPod) => {
    const primary = primaryOf(it);
    const hasPort = it.status?.phase !== 'Failed' && primary && !hasStarted(primary, watch.eventsOf(it));
    return hasPort ? await ssh.findShared(it) : undefined;
  };
  const findPort = async () => {
    using trace = watch.trace(pod.metadata?.name ?? '');
    if ((await findShared(pod)) === undefined) return undefined;
    // It may have started before it was found, or since then.
    await past.settled;
    return await findShared(trace.pod ?? pod);
  };
  return await resolveClash(findPort, pod, context, signal);
}

/** Events about a Pod without a node, from schedulers and autoscalers. A Pod with a node has others. */
const beforeNode = new Set(['FailedScheduling', 'NotTriggerScaleUp', 'TriggeredScaleUp', 'Nominated']);

/**
 * A task with a Secret but without a Pod never had a Pod, or lost it while nobody watched. A Pod leaves events. If they
 * show that it was on a node, or may already be gone, steps of the job may have run.
 */
async function judgeMissingPod(
  { ageMs, maker, record }: TakenOverTask,
  { logger, podEvents }: TaskContext,
  signal: AbortSignal,
): Promise<TaskFailure> {
  const events = await podEvents.list(record.podName, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    logger.warn('a task is taken over without the events about its Pod', { error });
  });
  if (!events || ageMs >= eventsLastMs || !events.every(({ reason = '' }) => beforeNode.has(reason)))
    return { reason: 'pod-deleted', retry: 'if-unsafe', message: messages.podDeleted(undefined) };
  return events.length === 0
    ? { reason: 'not-created', retry: 'always', message: messages.ownerGone(maker) }
    : { reason: 'pod-deleted', retry: 'always', message: messages.deletedUnscheduled(maker) };
}
