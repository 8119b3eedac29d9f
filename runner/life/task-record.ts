import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import { annotations, secretKeys } from '../pod/names.ts';
import type { KnownPod } from '../verdict/known-pod.ts';

/** What has to be known of a task to bring it to its end, from its Pod and Secret alone. */
export interface TaskRecord {
  readonly podName: string;
  readonly taskId: string;
  readonly allocation: string;
  readonly resourceClass: string;
  /** A secret. */
  readonly token: string;
  readonly unsafeRetries: boolean;
}

/** Reads the record of a task that somebody else has begun. @returns undefined if the Secret is not of this program */
export function readRecord(secret: Secret): TaskRecord | undefined {
  const { name, annotations: notes = {} } = secret.metadata ?? {};
  const token = Buffer.from(secret.data?.[secretKeys.token] ?? '', 'base64').toString('utf8');
  const taskId = notes[annotations.taskId];
  if (name === undefined || taskId === undefined || token === '') return undefined;
  return {
    podName: name,
    taskId,
    allocation: notes[annotations.allocation] ?? '',
    resourceClass: notes[annotations.resourceClass] ?? '',
    token,
    unsafeRetries: notes[annotations.unsafeRetries] === 'true',
  };
}

/** Whether a Pod or Secret belongs to the task: names alone may be taken by others. */
export function belongsTo(
  { metadata }: KnownPod | Secret | { metadata?: ObjectMeta },
  record: TaskRecord,
): boolean {
  const notes = metadata?.annotations ?? {};
  return notes[annotations.taskId] === record.taskId && notes[annotations.allocation] === record.allocation;
}
