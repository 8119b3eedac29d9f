import { isGone } from '../../clients/runner/runner-api-error.ts';
import { NotCreatedError } from '../objects/create-object.ts';
import { podName } from '../pod/names.ts';
import { type ClaimedTask, needsRegistrySecret, type PodPlan } from '../pod/pod-plan.ts';
import {
  readTaskConfiguration,
  TaskConfigurationError,
} from '../task-configuration/read-task-configuration.ts';
import type { TaskConfiguration } from '../task-configuration/task-configuration.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import { wordsOf } from '../verdict/words.ts';
import { askForConfiguration } from './ask-for-configuration.ts';
import { bringToEnd } from './bring-to-end.ts';
import { createTask } from './create-task.ts';
import { endWithoutPod } from './end-without-pod.ts';
import { findPod } from './find-pod.ts';
import { noPast } from './pod-past.ts';
import { PodStoppedError } from './resolve-clash.ts';
import { superviseTask, type TaskWithPod } from './supervise-task.ts';
import type { TaskContext } from './task-context.ts';
import { TaskEnding, TaskGoneError } from './task-ending.ts';
import type { TaskRecord } from './task-record.ts';

/**
 * The life of a task from its claim to its end: its configuration, its Secrets, its Pod, the verdict, the report and
 * the clean-up. It ends in exactly one way: the orchestrator has reported, or the task is handed back, failed or gone.
 *
 * @throws the signal's reason: the task continues without us
 */
export async function runClaimedTask(
  claim: ClaimedTask,
  shared: TaskContext,
  signal: AbortSignal,
): Promise<void> {
  const ending = new TaskEnding(shared, claim);
  const { context } = ending;
  await bringToEnd(ending, context, () => startAndSupervise(claim, context, ending, signal), signal);
}

async function startAndSupervise(
  claim: ClaimedTask,
  context: TaskContext,
  ending: TaskEnding,
  signal: AbortSignal,
): Promise<void> {
  let task: TaskWithPod | undefined;
  try {
    task = await start(claim, context, ending, signal);
  } finally {
    if (task === undefined) context.pauses.noteFailedStart(claim.resourceClass);
    else context.pauses.noteStart(claim.resourceClass);
  }
  if (task !== undefined) await superviseTask(task, context, signal);
}

/** @returns undefined if the task has ended here, without a Pod */
async function start(
  claim: ClaimedTask,
  context: TaskContext,
  ending: TaskEnding,
  signal: AbortSignal,
): Promise<TaskWithPod | undefined> {
  const claimedMs = performance.now();
  // Its class may lose the template while the configuration is read, which may take minutes.
  const resourceClass = context.resourceClass(claim.resourceClass);
  const task = await readConfiguration(claim, context, ending, signal);
  if (task === undefined) return undefined;
  const plan: PodPlan = {
    podName: podName(task.taskId),
    claim,
    task,
    resourceClass,
    settings: context.podSettings(),
    platform: await context.platformFor(resourceClass),
  };
  const record = recordOf(plan);
  ending.begin(record);
  const hasRegistrySecret = needsRegistrySecret(plan);
  let pod: KnownPod;
  try {
    pod = await createTask(plan, record, context, ending, signal);
  } catch (error) {
    if (error instanceof TaskGoneError) {
      await ending.abandon({ pod: await findPod(ending, context, signal), hasRegistrySecret }, signal);
      return undefined;
    }
    if (!(error instanceof NotCreatedError || error instanceof PodStoppedError)) throw error;
    await endWithoutPod(error, ending, hasRegistrySecret, context, signal);
    return undefined;
  }
  context.metrics.podCreated(claim.resourceClass, (performance.now() - claimedMs) / 1000);
  ending.tell(`Pod ${plan.podName} was created in the namespace ${plan.settings.namespace}.`);
  return { ending, pod, hasRegistrySecret, claimedMs, past: noPast };
}

/** @returns undefined if the task has ended here */
async function readConfiguration(
  claim: ClaimedTask,
  context: TaskContext,
  ending: TaskEnding,
  signal: AbortSignal,
): Promise<TaskConfiguration | undefined> {
  const { logger } = context;
  try {
    return readTaskConfiguration(await askForConfiguration(claim, context, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (isGone(error)) {
      logger.info('a task was gone before its configuration was read');
      ending.finish('gone');
      return undefined;
    }
    const words =
      error instanceof TaskConfigurationError
        ? error.message
        : `The configuration of the task could not be read: ${wordsOf(error)}.`;
    logger.error('a task has no configuration that can be used', { error });
    await ending.fail({ reason: 'configuration', retry: 'never', message: words }, signal);
    return undefined;
  }
}

function recordOf({ claim, podName, resourceClass, task }: PodPlan): TaskRecord {
  return { ...claim, podName, taskId: task.taskId, unsafeRetries: resourceClass.unsafeRetries };
}
