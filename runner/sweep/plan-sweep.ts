import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { isTaskName } from '../pod/names.ts';
import { listContainers } from '../verdict/container.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import type { FoundTask } from './inventory.ts';

/** What there is to do about what was found. */
export type SweepStep =
  /** Bring a task to its end that nobody watches. `from`: the instance that had it before; undefined: it is ours. */
  | { readonly kind: 'take-over'; readonly task: FoundTask; readonly from: string | undefined }
  | {
      readonly kind: 'delete';
      readonly what: 'pod' | 'secret';
      readonly name: string;
      /** Only this object, and not another one that has its name meanwhile. */
      readonly uid: string | undefined;
    };

/** What decides about what was found. */
export interface SweepRules {
  /** The instance that sweeps. */
  readonly us: string;
  /** The names of the tasks that this process watches. */
  readonly watched: ReadonlySet<string>;
  /** Whether an instance is gone for certain. */
  readonly isGone: (instance: string) => boolean;
  /** Whether an object is so old that nobody can need it. */
  readonly isOld: (object: KubernetesObject) => boolean;
  /** Pods of tasks that are over stay until they are old. */
  readonly keepPods: boolean;
}

/**
 * Decides what to do about each task that was found: nothing about those that somebody has. A task whose Secret is there
 * has not been reported, or nobody knows; one without a Secret has been, and what is left of it is of no use.
 */
export function planSweep(found: readonly FoundTask[], rules: SweepRules): SweepStep[] {
  return found.flatMap((task) => [...planTask(task, rules)]);
}

function* planTask(task: FoundTask, rules: SweepRules): Generator<SweepStep> {
  const { isOurs, locks, owner, pod, registrySecret, secret } = task;
  if (rules.watched.has(task.name)) return;
  if (owner !== undefined && owner !== rules.us && !rules.isGone(owner)) return;
  if (owner === undefined || !isOurs) {
    // Other container runners leave such objects; whatever else has the same label is none of our business.
    if (!isTaskName(task.name)) return;
    for (const object of [secret, registrySecret])
      if (object && rules.isOld(object)) yield deletion('secret', object);
    if (pod && rules.isOld(pod)) yield deletion('pod', pod);
    return;
  }
  if (secret !== undefined) {
    yield { kind: 'take-over', task, from: owner === rules.us ? undefined : owner };
    return;
  }
  if (registrySecret) yield deletion('secret', registrySecret);
  if (pod) {
    const isUseless = rules.isOld(pod) || (!rules.keepPods && isOver(pod));
    if (isUseless && !isBeingDeleted(pod)) yield deletion('pod', pod);
    return;
  }
  for (const { name } of locks) yield { kind: 'delete', what: 'secret', name, uid: undefined };
}

/** Kubernetes is at it, and says so for as long as its containers take to end. */
function isBeingDeleted({ metadata }: KubernetesObject): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

/** Without its Secret a Pod cannot start any more, so only one that runs already is not over. */
function isOver(pod: KnownPod): boolean {
  return listContainers(pod).every(
    ({ role, status }) => role !== 'primary' || status?.state?.running === undefined,
  );
}

function deletion(what: 'pod' | 'secret', { metadata }: KubernetesObject): SweepStep {
  return { kind: 'delete', what, name: metadata?.name ?? '', uid: metadata?.uid };
}
