import { constants } from 'node:os';
import type { ContainerStateTerminated } from 'kubernetes-types/core/v1.d.ts';
import { highestSignal, signalName } from '../../internal/signals.ts';
import { isUntold } from '../../internal/termination-log.ts';

/** The reasons that runtimes give if a container's program could not start. The exit status is then the runtime's. */
const startErrors = new Set(['StartError', 'ContainerCannotRun', 'RunContainerError']);

/** Whether the container's program was never executed. */
export function hasNotStarted({ reason }: ContainerStateTerminated): boolean {
  return reason !== undefined && startErrors.has(reason);
}

/**
 * Whether the kernel's OOM killer was at work in the container. The runtime then reports it however the container ends,
 * even if the kill was long before and hit another process (kubernetes/kubernetes#140716).
 */
export function hadOomKill({ reason }: ContainerStateTerminated): boolean {
  return reason === 'OOMKilled';
}

/** Whether the kernel's OOM killer took the container. */
export function isOutOfMemory(ended: ContainerStateTerminated): boolean {
  return hadOomKill(ended) && signalOf(ended) === constants.signals.SIGKILL;
}

/**
 * Whether the orchestrator has brought its task to an end and told the runner API what there was to tell. It then ends
 * with 0. Others may do so, too, so its termination message decides.
 */
export function hasReported({ exitCode, message = '' }: ContainerStateTerminated): boolean {
  return exitCode === 0 && !isUntold(message);
}

/** The kubelet's reason for a container that it has lost, or that it has never made when its Pod ends. */
export const unknownToKubelet = 'ContainerStatusUnknown';
/** A container runtime says `Unknown` if it finds a container without a process, as after a crash of the node. */
const unknownEnds = new Set(['Unknown', unknownToKubelet]);

/** Whether nobody knows how the container ended: its exit status is made up. */
export function isUnknownEnd({ reason = '' }: ContainerStateTerminated): boolean {
  return unknownEnds.has(reason);
}

/** Whether the container got SIGKILL, and the kubelet knows no reason. */
export function isKilled(ended: ContainerStateTerminated): boolean {
  return signalOf(ended) === constants.signals.SIGKILL && reasonOf(ended) === '';
}

/** How a container ended: `exit status 3`, `exit status 137 (SIGKILL)`, with the kubelet's reason if it says more. */
export function describeContainerEnd(ended: ContainerStateTerminated): string {
  const signal = signalOf(ended);
  const reason = reasonOf(ended);
  const status = `exit status ${ended.exitCode}${signal > 0 ? ` (${signalName(signal)})` : ''}`;
  return reason === '' ? status : `${status}, ${reason}`;
}

/**
 * The signal that ended a container, or 0. Runtimes report 128 and its number as the exit status. Higher ones mean
 * something else: Windows has statuses of 32 bits. If nobody knows the end, the status is made up.
 */
function signalOf(ended: ContainerStateTerminated): number {
  const { exitCode, signal } = ended;
  if (signal !== undefined) return signal;
  if (isUnknownEnd(ended)) return 0;
  return exitCode > 128 && exitCode <= 128 + highestSignal ? exitCode - 128 : 0;
}

/** The kubelet's reason, or '' if it only says that there was an error. */
function reasonOf({ reason }: ContainerStateTerminated): string {
  return reason === undefined || reason === 'Error' ? '' : reason;
}
