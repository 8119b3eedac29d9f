import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../../clients/kubernetes/read-answer.ts';
import type { JsonObject } from '../../internal/json.ts';
import { labels } from '../names/names.ts';
import { ownLabels } from '../pod/own-metadata.ts';

/*
 * Only one replica may take over the task of a replica that is gone, and no replica has the right to update an object.
 * So a lock is a Secret, which can be created only once: its name is made of the task and the owner that is gone.
 * If the new owner is gone, too, the next lock is made with that owner's name, and so on.
 */

/** The annotations of a lock. */
export const lockAnnotations = {
  /** The name of the task's Pod. */
  task: 'app.circleci.com/taken-over-task',
  /** The instance that had the task before. */
  from: 'app.circleci.com/taken-over-from',
} as const;

/** The lock on a task that is taken over. */
export interface Lock {
  readonly name: string;
  readonly task: string;
  readonly from: string;
  /** The instance that has the task now. */
  readonly owner: string;
}

const hashDigits = 24;

/** The name of the lock on a task. @param from the instance that had the task before */
export function lockName(task: string, from: string): string {
  const hash = createHash('sha256').update(`${task}\n${from}`).digest('hex').slice(0, hashDigits);
  return `ccita-lock-${hash}`;
}

/** @param owner the new owner of the task */
export function buildLock(namespace: string, { from, owner, task }: Omit<Lock, 'name'>): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name: lockName(task, from),
      namespace,
      labels: ownLabels(owner),
      annotations: { [lockAnnotations.task]: task, [lockAnnotations.from]: from },
    },
  };
}

/** @returns undefined if the Secret is not a lock */
export function readLock({ metadata }: KubernetesObject): Lock | undefined {
  const task = metadata?.annotations?.[lockAnnotations.task];
  const from = metadata?.annotations?.[lockAnnotations.from];
  const owner = metadata?.labels?.[labels.instance];
  if (task === undefined || !from || !owner) return undefined;
  return { name: metadata?.name ?? '', task, from, owner };
}

/**
 * The instance that has a task now.
 *
 * @param first the instance that has created its Pod
 */
export function followLocks(task: string, first: string, locks: readonly Lock[]): string {
  let owner = first;
  for (const _ of locks) {
    const next = locks.find((lock) => lock.task === task && lock.from === owner);
    if (next === undefined) return owner;
    owner = next.owner;
  }
  return owner;
}
