import { isGone } from '../../clients/runner/runner-api-error.ts';
import { podName } from '../names/names.ts';
import { NotCreatedError } from '../objects/create-object.ts';
import { wordsOf } from '../objects/words-of.ts';
import { type ClaimedTask, needsRegistrySecret, type PodPlan } from '../pod/pod-plan.ts';
import {
  readTaskConfiguration,
  TaskConfigurationError,
} from '../task-configuration/read-task-configuration.ts';
import type { TaskConfiguration } from '../task-configuration/task-configuration.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import { askForConfiguration } from './ask-for-configuration.ts';
import { bringToEnd } from './bring-to-end.ts';
import { createTask } from './create-task.ts';
import { endWithoutPod } from './end-without-pod.ts';
import { findPod } from './find-pod.ts';
import { noPast } from './pod-past.ts';
import { PodStoppedError } from './resolve-clash.ts';
import { superviseTask, type TaskWithPod } from './supervise-task.ts';
import type { TaskContext } from './task-context.ts';
import { TaskGoneError, TaskLife } from './task-life.ts';
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
  const life = new TaskLife(shared, claim);
  await bringToEnd(life, () => startAndSupervise(claim, life, signal), signal);
}

async function startAndSupervise(claim: ClaimedTask, life: TaskLife, signal: AbortSignal): Promise<void> {
  const task = await start(claim, life, signal);
  if (task !== undefined) await superviseTask(task, signal);
}

/** @returns undefined if the task has ended here, without a Pod */
async function start(
  claim: ClaimedTask,
  life: TaskLife,
  signal: AbortSignal,
): Promise<TaskWithPod | undefined> {
  const { context } = life;
  const claimedMs = performance.now();
  // Its class may lose the template while the configuration is read, which may take minutes.
  const resourceClass = context.resourceClass(claim.resourceClass);
  const task = await readConfiguration(claim, life, signal);
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
  life.begin(record);
  const hasRegistrySecret = needsRegistrySecret(plan);
  let pod: KnownPod;
  try {
    pod = await createTask(plan, record, life, signal);
  } catch (error) {
    if (error instanceof TaskGoneError) {
      await life.abandon({ pod: await findPod(life, signal), hasRegistrySecret }, signal);
      return undefined;
    }
    if (!(error instanceof NotCreatedError || error instanceof PodStoppedError)) throw error;
    await endWithoutPod(error, life, hasRegistrySecret, signal);
    return undefined;
  }
  context.metrics.podCreated(claim.resourceClass, (performance.now() - claimedMs) / 1000);
  life.tell(`Pod ${plan.podName} was created in the namespace ${plan.settings.namespace}.`);
  return { life, pod, hasRegistrySecret, claimedMs, past: noPast };
}

/** @returns undefined if the task has ended here */
async function readConfiguration(
  claim: ClaimedTask,
  life: TaskLife,
  signal: AbortSignal,
): Promise<TaskConfiguration | undefined> {
  const { context } = life;
  try {
    return readTaskConfiguration(await askForConfiguration(claim, context, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (isGone(error)) {
      context.logger.info('a task was gone before its configuration was read');
      life.noteFailedStart();
      life.finish('gone');
      return undefined;
    }
    const words =
      error instanceof TaskConfigurationError
        ? error.message
        : `The configuration of the task could not be read: ${wordsOf(error)}.`;
    context.logger.error('a task has no configuration that can be used', { error });
    await life.fail({ reason: 'configuration', retry: 'never', message: words }, signal);
    return undefined;
  }
}

function recordOf({ claim, podName, resourceClass, task }: PodPlan): TaskRecord {
  return { ...claim, podName, taskId: task.taskId, unsafeRetries: resourceClass.unsafeRetries };
}
