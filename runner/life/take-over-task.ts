import { isPassing, isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import { hasStarted, primaryOf } from '../verdict/container.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import * as messages from '../verdict/messages.ts';
import { bringToEnd, findPod } from './bring-to-end.ts';
import { NotCreatedError } from './create-object.ts';
import { endWithoutPod } from './end-without-pod.ts';
import { resolveClash } from './resolve-clash.ts';
import { superviseTask } from './supervise-task.ts';
import { TaskEnding, type TaskFailure } from './task-ending.ts';
import type { TaskRecord } from './task-record.ts';
import type { World } from './world.ts';

/** A task that somebody else has begun, or this program before it was started again, and that is ours now. */
export interface TakenOverTask {
  readonly record: TaskRecord;
  /** Undefined: it has none any more, or never had one. */
  readonly pod: KnownPod | undefined;
  readonly hasRegistrySecret: boolean;
  /** The instance that claimed it, whose label its objects have. */
  readonly maker: string;
  /** The names of the Secrets that say who has had it since; they go last. */
  readonly locks: readonly string[];
  /** Since its Secret was created, ms. */
  readonly ageMs: number;
}

const backoff: Backoff = { first: 500, longest: 30_000 };

/** API servers keep events for an hour unless they are told otherwise (kube-apiserver, --event-ttl), ms. */
const eventsLastMs = 30 * 60_000;

/**
 * Brings a task that was taken over to its end, as if its owner had never been away.
 *
 * @throws the signal's reason: the task goes on without us
 */
export async function takeOverTask(task: TakenOverTask, world: World, signal: AbortSignal): Promise<void> {
  const { hasRegistrySecret, locks, maker, pod, record } = task;
  const ending = new TaskEnding(world, record, { record, locks });
  ending.tell(
    `Task ${record.taskId} of the resource class ${record.resourceClass} was taken over by ${world.podSettings().instance}, as ${maker} does not watch it any more.`,
  );
  const live = async () => {
    if (pod !== undefined) {
      try {
        await checkPort(pod, world, signal);
      } catch (error) {
        if (!(error instanceof NotCreatedError)) throw error;
        return await endWithoutPod(error, ending, hasRegistrySecret, signal);
      }
      return await superviseTask({ ending, pod, hasRegistrySecret, claimedMs: undefined }, world, signal);
    }
    await ending.fail(await judgeMissingPod(task, world, signal), signal);
    // Its creation may have been under way when its owner died. What was reported may be running elsewhere by now.
    const late = await findPod(ending, world, signal);
    await ending.cleanUp({ pod: late, hasRegistrySecret, graceSeconds: 0 }, signal);
  };
  await bringToEnd(ending, world, live, signal);
}

/**
 * Whoever created the Pod may have died before it could look whether its port for SSH is its own. Which of two Pods came
 * first is not known any more. A task that has started is worth more than a port that is clear.
 *
 * @throws NotCreatedError if the Pod was stopped for that, or the signal's reason
 */
async function checkPort(pod: KnownPod, world: World, signal: AbortSignal): Promise<void> {
  const primary = primaryOf(pod);
  if (world.ssh === undefined || primary === undefined || hasStarted(primary)) return;
  const { ssh } = world;
  await resolveClash(() => ssh.findShared(pod, signal), pod, world, signal);
}

/** What schedulers and autoscalers say of a Pod that has no node: once it has one, there are others. */
const beforeNode = new Set(['FailedScheduling', 'NotTriggerScaleUp', 'TriggeredScaleUp', 'Nominated']);

/**
 * A task whose Secret is there without a Pod never had one, or lost it while nobody watched. A Pod leaves events; where
 * they may be gone already, or tell that it was on a node, it has to be supposed that steps of the job have run.
 */
async function judgeMissingPod(
  { ageMs, maker, record }: TakenOverTask,
  { client }: World,
  signal: AbortSignal,
): Promise<TaskFailure> {
  const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${record.podName}`;
  const listed = await listUntilAnswered(() => client.events.list({ fieldSelector }, signal), signal);
  const events = listed.filter(({ involvedObject: { name } }) => name === record.podName);
  if (ageMs >= eventsLastMs || !events.every(({ reason = '' }) => beforeNode.has(reason)))
    return { reason: 'pod-deleted', retry: 'if-unsafe', message: messages.podDeleted(undefined) };
  return events.length === 0
    ? { reason: 'not-created', retry: 'always', message: messages.ownerGone(maker) }
    : { reason: 'pod-deleted', retry: 'always', message: messages.deletedUnscheduled(maker) };
}

/** @throws KubernetesError where asking again is of no use, or the signal's reason */
async function listUntilAnswered<T>(list: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await list();
    } catch (error) {
      signal.throwIfAborted();
      // 410: reading the pages took too long.
      if (!isPassing(error) && !isStatus(error, 410)) throw error;
      await pauseAfter(failures, backoff, error, signal);
    }
  }
}
