import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Backoff } from '../../clients/kubernetes/pause.ts';
import { statusOf } from '../../clients/runner/runner-api-error.ts';
import { buildPod } from '../pod/build-pod.ts';
import { podName } from '../pod/names.ts';
import { type ClaimedTask, needsRegistrySecret, type PodPlan } from '../pod/pod-plan.ts';
import { buildSecrets } from '../pod/task-secrets.ts';
import {
  readTaskConfiguration,
  TaskConfigurationError,
} from '../task-configuration/read-task-configuration.ts';
import type { TaskConfiguration } from '../task-configuration/task-configuration.ts';
import { createObject, NotCreatedError } from './create-object.ts';
import { superviseTask } from './supervise-task.ts';
import { TaskEnding, TaskGoneError } from './task-ending.ts';
import { belongsTo, type TaskRecord } from './task-record.ts';
import type { World } from './world.ts';

const createBackoff: Backoff = { first: 500, longest: 30_000 };

/**
 * The life of a task from its claim to its end: its configuration, its Secrets, its Pod, the verdict, the report, and
 * what is left cleaned up. It ends in exactly one of: the orchestrator has reported, handed back, failed, or gone.
 *
 * @throws the signal's reason: the task goes on without us
 */
export async function runClaimedTask(claim: ClaimedTask, world: World, signal: AbortSignal): Promise<void> {
  const claimedMs = performance.now();
  const ending = new TaskEnding(world, claim);
  const task = await readConfiguration(claim, world, ending, signal);
  if (task === undefined) return;
  const plan = await planTask(claim, task, world);
  const record: TaskRecord = {
    podName: plan.podName,
    taskId: task.taskId,
    allocation: claim.allocation,
    resourceClass: claim.resourceClass,
    token: claim.token,
    unsafeRetries: plan.resourceClass.unsafeRetries,
  };
  ending.begin(record);
  const { pod: template, notes } = buildPod(plan);
  for (const note of notes) ending.tell(note);
  let pod: Pod;
  try {
    pod = await create(plan, template, record, world, ending, signal);
  } catch (error) {
    const left = { podUid: undefined, hasRegistrySecret: needsRegistrySecret(plan) };
    if (error instanceof TaskGoneError) return await ending.abandon(left, signal);
    if (!(error instanceof NotCreatedError)) throw error;
    const message = `The Pod of the task was not created. The Kubernetes API said: ${error.message}.`;
    await ending.fail({ reason: 'not-created', retry: error.passing ? 'always' : 'never', message }, signal);
    await ending.cleanUp({ ...left, now: true }, signal);
    return;
  }
  world.metrics.podCreated(claim.resourceClass, (performance.now() - claimedMs) / 1000);
  ending.tell(`Pod ${plan.podName} was created in the namespace ${plan.settings.namespace}.`);
  await superviseTask(
    { ending, pod, hasRegistrySecret: needsRegistrySecret(plan), claimedMs },
    world,
    signal,
  );
}

/** @returns undefined when the task has ended here */
async function readConfiguration(
  claim: ClaimedTask,
  { api, logger }: World,
  ending: TaskEnding,
  signal: AbortSignal,
): Promise<TaskConfiguration | undefined> {
  try {
    return readTaskConfiguration(await api.taskConfiguration(claim.token, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (statusOf(error) === 404) {
      logger.info('a task was gone before its configuration was read', {
        'resource.class': claim.resourceClass,
      });
      ending.finish('gone');
      return undefined;
    }
    const words =
      error instanceof TaskConfigurationError
        ? error.message
        : 'The configuration of the task could not be read.';
    logger.error('a task has no configuration that can be used', {
      'resource.class': claim.resourceClass,
      error,
    });
    await ending.fail({ reason: 'configuration', retry: 'never', message: words }, signal);
    return undefined;
  }
}

async function planTask(claim: ClaimedTask, task: TaskConfiguration, world: World): Promise<PodPlan> {
  const resourceClass = world.resourceClass(claim.resourceClass);
  return {
    podName: podName(task.taskId),
    claim,
    task,
    resourceClass,
    settings: world.podSettings(),
    platform: await world.platformFor(resourceClass),
  };
}

/** The Secrets come first: from then on the task's record outlives this process. */
async function create(
  plan: PodPlan,
  template: Parameters<typeof createObject>[1],
  record: TaskRecord,
  { client, createLimitMs, pauseClass }: World,
  ending: TaskEnding,
  signal: AbortSignal,
): Promise<Pod> {
  let delayed = false;
  const tries = {
    limitMs: createLimitMs,
    backoff: createBackoff,
    isOurs: (object: Parameters<typeof belongsTo>[0]) => belongsTo(object, record),
    unwanted: ending.gone,
    onDelay: (problem: string, error: unknown) => {
      const words = error instanceof Error ? error.message : String(error);
      if (!delayed) ending.tell(`The Kubernetes API does not create the task's objects yet: ${words}`);
      delayed = true;
      if (problem === 'full') pauseClass(record.resourceClass, 'a quota of the namespace is used up');
    },
  };
  try {
    for (const secret of buildSecrets(plan)) await createObject(client.secrets, secret, tries, signal);
    return await createObject(client.pods, template, tries, signal);
  } finally {
    if (delayed) pauseClass(record.resourceClass, undefined);
  }
}
