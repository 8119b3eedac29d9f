import { isTaskName } from '../names/names.ts';
import type { FoundObject } from './found-object.ts';
import type { FoundTask } from './inventory.ts';

/** An action for a task that was found. */
export type SweepStep = TakeOver | Deletion;

/** Brings a task that nobody watches to its end. */
export interface TakeOver {
  readonly kind: 'take-over';
  readonly task: FoundTask;
  /** The instance that had it before. Undefined: it is ours. */
  readonly from: string | undefined;
}

export interface Deletion {
  readonly kind: 'delete';
  readonly what: 'pod' | 'secret';
  readonly name: string;
  /** Deletes only the object with this uid: another one may have its name by now. */
  readonly uid: string | undefined;
  /** Leaves a Pod alone whose primary container runs. */
  readonly unlessRuns?: boolean;
  /** How long its containers may take to end. Undefined: as long as the Pod says. */
  readonly graceSeconds?: number;
}

/** The rules for deciding about tasks. */
export interface SweepRules {
  /** The instance that sweeps. */
  readonly us: string;
  /** Whether an instance is gone for certain. */
  readonly isGone: (instance: string) => boolean;
  /** Whether an object is so old that nobody can need it any more. */
  readonly isOld: (object: FoundObject) => boolean;
  /** Whether an object that is being deleted is still there, long after its containers should have ended. */
  readonly isStuck: (object: FoundObject) => boolean;
  /** Pods of tasks that are over stay until they are old. */
  readonly keepPods: boolean;
}

/**
 * Decides what to do about a task that was found and that this process does not watch. A task of a living instance is
 * left alone. A task's Secret is deleted once the task is reported. So a task that still has its Secret counts as not
 * reported, and the other objects of a task without a Secret are useless.
 */
export function* planSweep(task: FoundTask, rules: SweepRules): Generator<SweepStep> {
  const { isOurs, locks, owner, pod, registrySecret, secret } = task;
  if (owner !== undefined && owner !== rules.us && !rules.isGone(owner)) return;
  if (owner === undefined || !isOurs) {
    // Other container runners leave such objects. Any other object with the same label is not ours to touch.
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
    if (!isBeingDeleted(pod)) {
      if (rules.isOld(pod)) yield deletion('pod', pod);
      // It cannot start without its Secret.
      else if (!rules.keepPods) yield { ...deletion('pod', pod), unlessRuns: true };
    }
    // Its node is lost.
    if (rules.isStuck(pod)) yield { ...deletion('pod', pod), graceSeconds: 0 };
    return;
  }
  for (const { name } of locks) yield { kind: 'delete', what: 'secret', name, uid: undefined };
}

/** Whether Kubernetes is already deleting the object. For a Pod, that takes until its containers have ended. */
function isBeingDeleted({ metadata }: FoundObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** The deletion of this object, and of no other one with its name. */
export function deletion(what: 'pod' | 'secret', { metadata: { name = '', uid } }: FoundObject) {
  return { kind: 'delete', what, name, uid } as const;
}
