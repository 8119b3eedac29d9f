import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { LogFields } from '../../internal/log/logger.ts';
import { dottedName } from '../classes/resource-classes.ts';
import { annotations, secretKeys } from '../names/names.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import type { KnownPod } from '../verdict/known-pod.ts';

/** The facts needed to bring a task to its end. Its Pod and Secret hold all of them. */
export interface TaskRecord {
  readonly podName: string;
  readonly taskId: string;
  readonly allocation: string;
  readonly resourceClass: string;
  /** A secret. */
  readonly token: string;
  readonly unsafeRetries: boolean;
}

/** Reads the record of a task of another instance. @returns undefined if the Secret is not one of this program */
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

/** The fields of each log line about a task. As long as its configuration is not known, it has no id and no Pod. */
export function logFieldsOf(task: ClaimedTask | TaskRecord): LogFields {
  return {
    'task.id': 'taskId' in task ? task.taskId : undefined,
    allocation: task.allocation,
    pod: 'podName' in task ? task.podName || undefined : undefined,
    'resource.class': dottedName(task.resourceClass),
  };
}

/** Whether a Pod or Secret belongs to the task: the name alone could be that of somebody else's object. */
export function belongsTo(
  { metadata }: KnownPod | Secret | { metadata?: ObjectMeta },
  record: TaskRecord,
): boolean {
  const notes = metadata?.annotations ?? {};
  return notes[annotations.taskId] === record.taskId && notes[annotations.allocation] === record.allocation;
}
