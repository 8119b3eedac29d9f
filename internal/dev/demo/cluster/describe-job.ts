import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { TaskState, TaskView } from '../../runner-api/queue/task-view.ts';

/** The progress of a job, for people. */
export type Phase = TaskState | 'starting' | 'running' | 'ending' | 'handed back';

/** A job at one moment. */
export interface JobState {
  readonly phase: Phase;
  /** How often it was claimed. */
  readonly tries: number;
  /** The node of its current Pod. Empty while there is none. */
  readonly node: string;
  /** Why it makes no progress. Empty if there is no reason. */
  readonly reason: string;
}

const allocation = 'app.circleci.com/allocation';
const primary = 'container-0';
/** The usual reasons for the wait of a starting container. */
const usual = new Set(['ContainerCreating', 'PodInitializing']);

/** The state of a job. @param last the last view of the task's newest Pod */
export function describeJob(task: TaskView, last: Pod | undefined): JobState {
  const isOfThisTry = last?.metadata?.annotations?.[allocation] === task.claims.at(-1)?.allocation;
  const pod = isOfThisTry ? last : undefined;
  return {
    phase: phaseOf(task, pod),
    tries: task.claims.length,
    node: pod?.spec?.nodeName ?? '',
    reason: oneLine(reasonOf(task, pod)),
  };
}

function phaseOf({ claims, state }: TaskView, pod: Pod | undefined): Phase {
  if (state === 'queued') return claims.length === 0 ? 'queued' : 'handed back';
  if (state !== 'claimed') return state;
  if (pod === undefined) return 'claimed';
  const status = pod.status?.containerStatuses?.find(({ name }) => name === primary);
  if (pod.metadata?.deletionTimestamp || status?.state?.terminated) return 'ending';
  return status?.state?.running ? 'running' : 'starting';
}

function reasonOf({ message, state }: TaskView, pod: Pod | undefined): string {
  if (state === 'failed') return message ?? '';
  if (state === 'succeeded' || pod === undefined) return '';
  const { conditions = [], containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const disruption = conditions.find(({ status, type }) => type === 'DisruptionTarget' && status === 'True');
  const unscheduled = conditions.find(({ status, type }) => type === 'PodScheduled' && status === 'False');
  const found = disruption ?? unscheduled ?? waitingIn([...initContainerStatuses, ...containerStatuses]);
  return [found?.reason, found?.message].filter(Boolean).join(': ');
}

function waitingIn(statuses: readonly ContainerStatus[]) {
  return statuses
    .map(({ state }) => state?.waiting)
    .find((waiting) => waiting !== undefined && !usual.has(waiting.reason ?? ''));
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
