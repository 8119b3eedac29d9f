import { managedSelector } from '../pod/own-metadata.ts';
import { terminationSlackMs } from '../verdict/pod-grace-period.ts';
import { acquireTask } from './acquire-task.ts';
import { foundPod, foundSecret } from './found-object.ts';
import { findGoneInstances } from './gone-instances.ts';
import { takeInventory } from './inventory.ts';
import { planSweep, type SweepRules, type SweepStep } from './plan-sweep.ts';
import { type MalformedPod, MalformedPodError } from './read-pod.ts';
import { remove } from './remove.ts';
import { isTooOld, type SweepContext } from './sweep-context.ts';

/** A restarted controller that waited for one answer after the other would claim nothing for a long time. */
const tasksAtOnce = 20;

/**
 * Searches once for tasks that nobody watches, because their owner is gone or this process was restarted, and for
 * left-over objects of tasks that are over. The next sweep retries what fails.
 *
 * @param draining after it aborts, the sweep only takes over our own tasks, which others cannot take over while we live.
 *   A sweep that is still listing objects ends then
 * @param ending after it aborts, the sweep does nothing
 * @returns whether everything that was found could be taken over or deleted, by us or by another replica
 * @throws KubernetesError, NoAnswerError if it could not list the objects, or Error if a Secret is malformed
 */
export async function sweep(
  context: SweepContext,
  draining: AbortSignal,
  ending: AbortSignal,
): Promise<boolean> {
  const { client, us } = context;
  // A task that begins or ends meanwhile is in one of the two lists.
  const before = [...context.watched()];
  const selection = { labelSelector: managedSelector };
  const listing = draining.aborted ? ending : draining;
  const pods = await client.pods.listMetadata(selection, listing, foundPod);
  const secrets = await client.secrets.listMetadata(selection, listing, foundSecret);
  const watched = new Set([...before, ...context.watched()]);
  const malformed: MalformedPod[] = pods.flatMap(({ metadata, problem }) =>
    problem === undefined ? [] : [{ podName: metadata.name, problem }],
  );
  const found = takeInventory(pods, secrets).filter(
    ({ name, pod }) => !watched.has(name) && pod?.problem === undefined,
  );
  const owners = draining.aborted ? [] : found.flatMap(({ owner }) => owner ?? []);
  const others = new Set(owners.filter((owner) => owner !== us));
  const gone = await findGoneInstances(client, us, others, draining);
  if (gone === undefined) warnOfSeparation(context);
  const rules = rulesFor(context, gone ?? new Set());
  const waiting = found.values();
  // Otherwise the tasks of others are left alone, perhaps by every replica.
  let isComplete = gone !== undefined;
  const work = async () => {
    for (const task of waiting) {
      for (const step of planSweep(task, rules)) {
        const isForOthers = step.kind === 'delete' || step.from !== undefined;
        if (isForOthers && draining.aborted) continue;
        const result = await perform(step, context, ending);
        if (typeof result === 'object') malformed.push(result);
        isComplete &&= result !== 'failed';
      }
    }
  };
  await Promise.all(Array.from({ length: tasksAtOnce }, work));
  warnOfMalformed(malformed, context);
  return isComplete;
}

/** @param gone the instances that are gone for certain */
function rulesFor(context: SweepContext, gone: ReadonlySet<string>): SweepRules {
  const { client, keepPods, us } = context;
  const nowMs = client.nowMs();
  return {
    us,
    keepPods,
    isGone: (instance) => gone.has(instance),
    isOld: (object) => isTooOld(object, context),
    isStuck: ({ metadata }) => nowMs > Date.parse(metadata.deletionTimestamp ?? '') + terminationSlackMs,
  };
}

/** One line, however many Pods a defect of the API server spoils. */
function warnOfMalformed(malformed: readonly MalformedPod[], { logger }: SweepContext): void {
  const [first] = malformed;
  if (first === undefined) return;
  logger.warn('a Pod is malformed, and the sweep leaves its task out', {
    pod: first.podName,
    problem: first.problem,
    'pods.malformed': malformed.length,
  });
}

function warnOfSeparation({ logger, namespace, us }: SweepContext): void {
  logger.warn(
    'tasks of other instances are not taken over: this controller has no running Pod in their namespace',
    {
      instance: us,
      namespace,
    },
  );
}

/** @returns 'failed' if another try may succeed, or the Pod that it left alone. @throws the signal's reason */
async function perform(
  step: SweepStep,
  context: SweepContext,
  ending: AbortSignal,
): Promise<'done' | 'failed' | MalformedPod> {
  const { collects, logger } = context;
  try {
    if (step.kind === 'take-over') await acquireTask(step, context, ending);
    else if (collects) await remove(step, context, ending);
    return 'done';
  } catch (error) {
    ending.throwIfAborted();
    if (error instanceof MalformedPodError) return error;
    if (step.kind === 'take-over')
      logger.warn('a task could not be taken over; the next sweep tries again', {
        pod: step.task.name,
        error,
      });
    else
      logger.warn('what was left of a task could not be deleted; the next sweep tries again', {
        kind: step.what,
        name: step.name,
        error,
      });
    return 'failed';
  }
}
