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
 * Whether the kernel's OOM killer was at work in the container. The runtime then says so however the container ends, even
 * if that was long before and took another process (kubernetes/kubernetes#140716).
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
 * with 0, but it is not the only one who does: its termination message decides.
 */
export function hasReported({ exitCode, message = '' }: ContainerStateTerminated): boolean {
  return exitCode === 0 && !isUntold(message);
}

/** The kubelet's reason for a container that it has lost, or that it has never made when its Pod ends. */
export const unknownToKubelet = 'ContainerStatusUnknown';
/** The container runtime's for one that it finds without a process, as after a crash of the node, is `Unknown`. */
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
export function describeEnding(ended: ContainerStateTerminated): string {
  const signal = signalOf(ended);
  const reason = reasonOf(ended);
  const status = `exit status ${ended.exitCode}${signal > 0 ? ` (${signalName(signal)})` : ''}`;
  return reason === '' ? status : `${status}, ${reason}`;
}

/**
 * The signal that ended a container, or 0. Runtimes report 128 and its number as the exit status. Higher ones mean
 * something else: Windows has statuses of 32 bits. Who does not know the end makes a status up.
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

/**
 * Whether a program was not executed because it is for another machine: execve(2) answers ENOEXEC. Some runtimes say so
 * instead of starting the container, others in the log of a container that has started.
 */
export function isForeignProgram(words: string): boolean {
  return /exec format error/i.test(words);
}

/**
 * Whether a container could not be made or started because a disk of its node is full, or a quota there. Neither the job
 * nor its class can help that.
 */
function isNodeFull(words: string): boolean {
  return /no space left on device|disk quota exceeded/i.test(words);
}

/** Words of the kubelet and of runtimes about a node that is too busy. */
const overloaded = [
  /deadline ?exceeded/i,
  /context canceled/i,
  // An earlier try to make the container still goes on.
  /\bis reserved\b/i,
  // The API server did not give the kubelet a Secret in time.
  /timed out waiting for the condition/i,
  // A pull or a clean-up of images has left a part out.
  /content digest/i,
  // The sandbox of the Pod has ended meanwhile (awslabs/amazon-eks-ami#1651).
  /\/proc\/0\/ns\//,
  /unable to freeze/i,
];

/** Whether a container could not be made or started because its node is too busy. Another try may succeed. */
export function isNodeOverloaded(words: string): boolean {
  return overloaded.some((reason) => reason.test(words));
}

/** Whether a container was not even made because of its node. One that did not start in time may have run. */
export function isNotMadeByNode(words: string): boolean {
  return isNodeFull(words) || (/\bfailed to create\b/i.test(words) && isNodeOverloaded(words));
}

/** Explains why a program could not be executed, if the runtime's words are not clear to everybody. */
export function startAdvice(words: string): string {
  if (isForeignProgram(words))
    return 'The program is for another CPU architecture than the node: use an image for that architecture, or select other nodes.';
  if (isNodeFull(words)) return 'Find out what fills the disk of the node.';
  if (isNodeOverloaded(words)) return 'Look at the load of the node, and at its container runtime.';
  if (/no such file or directory|executable file not found/i.test(words))
    return 'Check that the image has the program, and the loader or interpreter that it names.';
  if (/permission denied/i.test(words))
    return 'Look at the mode of the program, the user of the container, and the mount options of the volume.';
  return 'Look at the image, and at the security context and resources of the class.';
}
