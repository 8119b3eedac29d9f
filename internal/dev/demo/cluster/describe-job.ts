import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { TaskState, TaskView } from '../../runner-api/queue/task-view.ts';

/** How far a job is, for people. */
export type Phase = TaskState | 'starting' | 'running' | 'ending' | 'handed back';

/** A job at one moment. */
export interface JobState {
  readonly phase: Phase;
  /** How often it was claimed. */
  readonly tries: number;
  /** The node of its try's Pod; empty while there is none. */
  readonly node: string;
  /** Why it is not further; empty if there is nothing to say. */
  readonly reason: string;
}

const allocation = 'app.circleci.com/allocation';
const primary = 'container-0';
/** Why a container waits that is on its way. */
const usual = new Set(['ContainerCreating', 'PodInitializing']);

/** How a job is. @param last the youngest Pod of the task, as it was last seen */
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
