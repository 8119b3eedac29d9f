import type { ContainerState, ContainerStatus, Pod, PodStatus } from 'kubernetes-types/core/v1.d.ts';
import type { Waiting } from './story.ts';

/* The status of a Pod, like a kubelet's. All containers but the first init container have the state of the primary. */

export const primaryName = 'container-0';

/** A moment in the API's form. */
export function apiTime(ms = Date.now()): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

const scheduled = () => ({ type: 'PodScheduled', status: 'True', lastTransitionTime: apiTime() });

/** No node fits. */
export function unscheduled(): PodStatus {
  const message = '0/2 nodes are available: 2 Insufficient cpu.';
  return {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
  };
}

/** Something keeps the containers from starting. */
export function waitingStatus(pod: Pod, { message, reason }: Waiting): PodStatus {
  const wait = { waiting: { reason, message } };
  return pending(pod, { waiting: { reason: 'PodInitializing' } }, wait);
}

/** The init container is in this state. */
export function initStatus(pod: Pod, init: ContainerState): PodStatus {
  return pending(pod, init, { waiting: { reason: 'PodInitializing' } });
}

/** Init containers have done their work, and the others run. */
export function runningStatus(pod: Pod, startedAt: string): PodStatus {
  return {
    ...pending(pod, doneInit(startedAt), { running: { startedAt } }),
    phase: 'Running',
    startTime: startedAt,
  };
}

/** The primary container has ended, and the others with it. */
export function endedStatus(
  pod: Pod,
  end: NonNullable<ContainerState['terminated']>,
  isSuccess: boolean,
): PodStatus {
  const started = end.startedAt ?? apiTime();
  return {
    ...pending(pod, doneInit(started), { terminated: end }),
    phase: isSuccess ? 'Succeeded' : 'Failed',
  };
}

/** The conditions of a scheduled Pod, and one about a disruption. */
export function disruptionConditions(reason: string, message: string): PodStatus {
  const target = { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime: apiTime() };
  return { conditions: [scheduled(), target] };
}

function doneInit(at: string): ContainerState {
  return { terminated: { exitCode: 0, reason: 'Completed', startedAt: at, finishedAt: at } };
}

function pending(pod: Pod, init: ContainerState, containers: ContainerState): PodStatus {
  const { initContainers = [], containers: all = [] } = pod.spec ?? { containers: [] };
  const of =
    (state: ContainerState) =>
    ({ name, image = '' }: { readonly name: string; readonly image?: string }): ContainerStatus => ({
      ...{ name, image, imageID: '', ready: state.running !== undefined, restartCount: 0, state },
    });
  return {
    phase: 'Pending',
    conditions: [scheduled()],
    initContainerStatuses: initContainers.map(of(init)),
    containerStatuses: all.map(of(containers)),
  };
}
