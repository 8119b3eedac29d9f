import type { KubernetesClient, KubernetesObject } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import type { TakenOverTask } from '../life/take-over-task.ts';
import { belongsTo, readRecord } from '../life/task-record.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';
import { managedSelector } from '../pod/own-metadata.ts';
import { terminationSlackMs } from '../verdict/grace-period.ts';
import { knownPod } from '../verdict/known-pod.ts';
import { type FoundPod, foundPod, foundSecret } from './found-object.ts';
import { findGoneInstances } from './gone-instances.ts';
import { takeInventory } from './inventory.ts';
import { buildLock, type Lock, lockName } from './lock.ts';
import { planSweep, type SweepStep } from './plan-sweep.ts';

type TakeOver = Extract<SweepStep, { kind: 'take-over' }>;
type Deletion = Extract<SweepStep, { kind: 'delete' }>;

/** The input of a sweep. */
export interface Sweeper {
  readonly client: KubernetesClient;
  readonly logger: ControllerLogger;
  readonly namespace: string;
  /** The instance that sweeps. */
  readonly us: string;
  /** The names of the tasks that this process watches now. */
  readonly watched: () => Iterable<string>;
  /** Whether left-over objects are deleted. */
  readonly collects: boolean;
  readonly keepPods: boolean;
  /** The age from which on nobody needs an object any more, ms. */
  readonly oldMs: number;
  /** Brings the task to its end; must not throw. */
  readonly onTask: (task: TakenOverTask) => void;
  readonly onDeleted: (kind: 'pod' | 'secret') => void;
}

/** A restarted controller that waited for one answer after the other would claim nothing for a long time. */
const tasksAtOnce = 20;

/**
 * Searches once for tasks that nobody watches, because their owner is gone or this process was restarted, and for
 * left-over objects of tasks that are over. The next sweep retries what fails.
 *
 * @param signal after it aborts, the sweep only takes over our own tasks, which others cannot take over while we live.
 *   A sweep that is still listing objects ends then
 * @param ending after it aborts, the sweep does nothing
 * @returns whether each task that nobody watches could be taken over, by us or by another replica
 * @throws KubernetesError, NoAnswerError if it could not list the objects, or Error if a Secret is malformed
 */
export async function sweep(sweeper: Sweeper, signal: AbortSignal, ending: AbortSignal): Promise<boolean> {
  const { client, keepPods, oldMs, us } = sweeper;
  // A task that begins or ends meanwhile is in one of the two lists.
  const before = [...sweeper.watched()];
  const selection = { labelSelector: managedSelector };
  const listing = signal.aborted ? ending : signal;
  const pods = await client.pods.list(selection, listing, foundPod);
  const secrets = await client.secrets.listMetadata(selection, listing, foundSecret);
  const watched = new Set([...before, ...sweeper.watched()]);
  warnOfMalformed(pods, sweeper);
  const found = takeInventory(pods, secrets).filter(
    ({ name, pod }) => !watched.has(name) && pod?.problem === undefined,
  );
  const owners = signal.aborted ? [] : found.flatMap(({ owner }) => owner ?? []);
  const others = new Set(owners.filter((owner) => owner !== us));
  const gone = await findGoneInstances(client, us, others, signal);
  const nowMs = client.nowMs();
  const isOld = (object: KubernetesObject) => ageMs(object, nowMs) > oldMs;
  const isStuck = ({ metadata }: KubernetesObject) =>
    nowMs > Date.parse(metadata?.deletionTimestamp ?? '') + terminationSlackMs;
  const rules = { us, watched, isGone: (it: string) => gone.has(it), isOld, isStuck, keepPods };
  const waiting = found.values();
  let isComplete = true;
  const work = async () => {
    for (const task of waiting) {
      for (const step of planSweep(task, rules)) {
        const isForOthers = step.kind === 'delete' || step.from !== undefined;
        if (isForOthers && signal.aborted) continue;
        if (step.kind === 'delete') await tryToRemove(step, sweeper, ending);
        else isComplete = (await tryToTakeOver(step, sweeper, ending)) && isComplete;
      }
    }
  };
  await Promise.all(Array.from({ length: tasksAtOnce }, work));
  return isComplete;
}

/** One line, however many Pods a defect of the API server spoils. */
function warnOfMalformed(pods: readonly FoundPod[], { logger }: Sweeper): void {
  const malformed = pods.filter(({ problem }) => problem !== undefined);
  const [first] = malformed;
  if (first === undefined) return;
  logger.warn('a Pod is malformed, and the sweep leaves its task out', {
    pod: first.metadata.name,
    problem: first.problem,
    'pods.malformed': malformed.length,
  });
}

/** @returns false if another try may succeed. @throws the signal's reason */
async function tryToTakeOver(step: TakeOver, sweeper: Sweeper, signal: AbortSignal): Promise<boolean> {
  try {
    await takeOver(step, sweeper, signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    sweeper.logger.warn('a task could not be taken over; the next sweep tries again', {
      pod: step.task.name,
      error,
    });
    return false;
  }
}

/** @throws the signal's reason */
async function tryToRemove(step: Deletion, sweeper: Sweeper, signal: AbortSignal): Promise<void> {
  if (!sweeper.collects) return;
  try {
    await remove(step, sweeper, signal);
  } catch (error) {
    signal.throwIfAborted();
    sweeper.logger.warn('what was left of a task could not be deleted; the next sweep tries again', {
      kind: step.what,
      name: step.name,
      error,
    });
  }
}

/** @param nowMs by the API server's clock, like the object's time */
function ageMs({ metadata }: KubernetesObject, nowMs: number): number {
  const createdMs = Date.parse(metadata?.creationTimestamp ?? '');
  return Number.isNaN(createdMs) ? 0 : nowMs - createdMs;
}

async function takeOver({ from, task }: TakeOver, sweeper: Sweeper, signal: AbortSignal): Promise<void> {
  const { client, logger, onTask, us } = sweeper;
  const taken = from === undefined || (await lock({ task: task.name, from, owner: us }, sweeper, signal));
  if (!taken) return;
  // The list may be older than the task's end, and locks are deleted last. So only the current Secret counts.
  const secret = await unlessGone(client.secrets.get(task.name, signal));
  if (secret === undefined) {
    if (from !== undefined) await unlessGone(client.secrets.delete(lockName(task.name, from), {}, signal));
    return;
  }
  const record = readRecord(secret);
  if (record === undefined) return;
  const found = await unlessGone(client.pods.get(task.name, signal).then(knownPod));
  // A Secret of somebody else must not cause the deletion of a Pod with its name.
  const pod = found !== undefined && belongsTo(found, record) ? found : undefined;
  logger.info('a task was taken over', { task: record.taskId, pod: task.name, from: from ?? us });
  onTask({
    record,
    pod,
    hasRegistrySecret: task.registrySecret !== undefined,
    maker: task.maker ?? us,
    ageMs: ageMs(secret, client.nowMs()),
    locks: [
      ...task.locks.map(({ name }) => name),
      ...(from === undefined ? [] : [lockName(task.name, from)]),
    ],
  });
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
    if (isStatus(error, 409)) return false;
    throw error;
  }
}

async function remove(
  { graceSeconds, name, uid, what }: Deletion,
  { client, logger, onDeleted }: Sweeper,
  signal: AbortSignal,
): Promise<void> {
  const objects = what === 'pod' ? client.pods : client.secrets;
  const deletion = objects.delete(name, { uid, gracePeriodSeconds: graceSeconds }, signal);
  const answer = await unlessGone(deletion.then((deleted) => ({ deleted })));
  if (answer === undefined) return;
  const finalizers = answer.deleted?.metadata?.finalizers ?? [];
  if (graceSeconds === 0 && finalizers.length > 0) {
    // It was already deleted, and each sweep finds it again.
    logger.warn('what was left of a task stays until its finalizers are removed', {
      kind: what,
      name,
      finalizers,
    });
    return;
  }
  onDeleted(what);
  logger.info('what was left of a task was deleted', { kind: what, name });
}

/** The answer, or undefined if the object is gone: 404, or 409 if another one has its name. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isStatus(error, 404, 409)) return undefined;
    throw error;
  }
}
