import type { ContainerStateTerminated } from 'kubernetes-types/core/v1.d.ts';
import { formatGoDurationMs } from '../../internal/duration.ts';
import { initContainerName, loggingContainerName } from '../names/names.ts';
import { comesWithInstallation, describeContainer, endOf, type ObservedContainer } from './container.ts';
import { describeContainerEnd, hadOomKill, isKilled, isUnknownEnd } from './container-end.ts';
import type { Disruption } from './disruption.ts';
import type { KnownPod } from './known-pod.ts';
import type { Sighting } from './sightings.ts';
import { isForeignProgram, startAdvice } from './start-error.ts';
import { capitalized, oneLine } from './words.ts';

/*
 * The message for each failure: what happened, to which container, the words of Kubernetes, and what to look at. The
 * messages have no apostrophes, because the call that fails a task removes them.
 */

export function unschedulable({ words }: Sighting, limitMs: number): string {
  const said = quote(words, 'The scheduler');
  return `No node took the Pod within ${formatGoDurationMs(limitMs)}.${said} Look at the requests, node selector and tolerations of the class, and whether the cluster can grow.`;
}

export function impossibleImage({ container, words }: Sighting): string {
  return `The image of ${subject(container)} cannot be used.${quote(words, 'The kubelet')} Correct the name of the image, or the pull policy.${whoChose(container)}`;
}

export function refusedImage({ container, words }: Sighting): string {
  return `The image of ${subject(container)} cannot be pulled.${quote(words, 'The kubelet')} Check the name and the tag, that the image exists for the architecture of the node, and the credentials for the registry.${whoChose(container)}`;
}

/** Who has chosen the image of a container, if it was not the job. */
function whoChose(container: ObservedContainer | undefined): string {
  if (container === undefined || !comesWithInstallation(container)) return '';
  const variables: Readonly<Record<string, string>> = {
    [initContainerName]: 'KUBE_RUNNER_INIT_IMAGE',
    [loggingContainerName]: 'KUBE_LOGGING_IMAGE',
  };
  const where = variables[container.name] ?? 'the template of the resource class';
  return ` The job has not chosen this image: look at ${where}.`;
}

export function pullTimeout({ container, words }: Sighting, limitMs: number): string {
  return `The image of ${subject(container)} was not pulled within ${formatGoDurationMs(limitMs)}.${quote(words, 'The kubelet')} Look at the registry, and at the network between it and the node.`;
}

export function failingContainer({ container, words }: Sighting): string {
  return `${capitalized(subject(container))} cannot be started.${quote(words, 'The kubelet')} ${startAdvice(words)}`;
}

export function startTimeout({ container, words }: Sighting, pod: KnownPod, limitMs: number): string {
  const what =
    container === undefined
      ? 'none of its containers made progress'
      : `${describeContainer(container)} could not be started`;
  return `The Pod was on the node ${nodeOf(pod)}, but ${what} for ${formatGoDurationMs(limitMs)}.${quote(words, 'The kubelet')} Look at the volumes of the class, the network plug-in, the node, and its disks.`;
}

export function initFailed(container: ObservedContainer, ended: ContainerStateTerminated): string {
  const words = ended.message ?? '';
  const advice = isForeignProgram(words) ? ` ${startAdvice(words)}` : '';
  return `${capitalized(describeContainer(container))} failed: ${describeContainerEnd(ended)}.${initHint(container, ended)}${quote(words, 'Its last words')}${advice} No step of the job has run.`;
}

export function primaryNotStarted(container: ObservedContainer, ended: ContainerStateTerminated): string {
  const words = ended.message ?? '';
  return `${capitalized(describeContainer(container))} did not start.${quote(words, 'The runtime')} ${startAdvice(words)}`;
}

export function outOfMemory(container: ObservedContainer, ended: ContainerStateTerminated): string {
  return `${capitalized(describeContainer(container))} was killed because it ran out of memory: ${describeContainerEnd(ended)}. Raise the memory limit of the class, or use less.${quote(ended.message, 'Its last words')}`;
}

export function livenessFailed(
  container: ObservedContainer,
  ended: ContainerStateTerminated,
  words: string,
): string {
  return `${capitalized(describeContainer(container))} was killed because it did not answer its liveness probe: ${describeContainerEnd(ended)}.${oomHint(ended)}${quote(words, 'The kubelet')}${quote(ended.message, 'Its last words')} Check whether the node was out of CPU or memory.`;
}

export function primaryFailed(
  { metadata }: KnownPod,
  container: ObservedContainer,
  ended: ContainerStateTerminated,
): string {
  const isDeleted = metadata?.deletionTimestamp !== undefined && !isUnknownEnd(ended);
  const hint = isDeleted
    ? ' The Pod had been deleted: look at the audit log for who did it.'
    : endHint(ended, 'its limit');
  return `${capitalized(describeContainer(container))} ended before the task was over: ${describeContainerEnd(ended)}.${hint}${quote(ended.message, 'Its last words')} Look at the log of this container, if the cluster keeps the logs of Pods that are deleted.`;
}

/** What happened, and what to look at. */
const disruptions: Readonly<Record<Disruption['kind'], readonly [what: string, advice: string]>> = {
  evicted: [
    'The Pod was evicted from its node',
    'Look at the memory and disk of the node, and whether the class requests what its jobs use.',
  ],
  drained: [
    'The Pod was evicted from its node',
    'Look at who drained the node, or tainted it: an upgrade, an autoscaler, a descheduler, or Kubernetes if the node was not ready.',
  ],
  preempted: [
    'The Pod was preempted by one of higher priority',
    'Look at the priorityClassName of the class, and whether the cluster can grow.',
  ],
  'node-shutdown': [
    'The node of the Pod was shut down or lost',
    'Look at autoscalers, spot instances and maintenance of the nodes.',
  ],
  kubelet: [
    'The kubelet ended the Pod',
    'Look at the memory and disk of the node, and whether it was shut down.',
  ],
  rejected: ['The node refused the Pod', 'Look at the node, and at the requests of the class.'],
  deadline: [
    'The Pod was active for longer than its activeDeadlineSeconds allow',
    'Look at activeDeadlineSeconds of the class, MAX_RUN_TIME, and how long the Pod took to start.',
  ],
  other: ['The Pod was removed from its node', 'Look at the events of the Pod and of its node.'],
};

/** @param ran the primary container ran, or may have run */
export function disrupted(
  { kind, name, words }: Disruption,
  primary: ObservedContainer | undefined,
  ran: boolean,
): string {
  const [what, advice] = disruptions[kind];
  const ended = primary && endOf(primary);
  const end =
    primary === undefined || ended === undefined
      ? ''
      : ` ${capitalized(describeContainer(primary))} ended with ${describeContainerEnd(ended)}.`;
  const again =
    kind === 'rejected' && ran
      ? ' A kubelet that restarts checks its Pods again, even if their tasks have begun.'
      : '';
  return `${what} (${name}).${quote(words, 'Kubernetes')}${end}${again} ${advice}`;
}

export function podFailed({ status }: KnownPod): string {
  const reason = status?.reason === undefined ? '' : ` (${status.reason})`;
  return `The Pod failed${reason} and its status says nothing about its primary container.${quote(status?.message, 'Kubernetes')} Look at the node and at its kubelet.`;
}

/** @param owner the instance that ended */
export function ownerGone(owner: string): string {
  return `The container runner ${owner}, which had claimed the task, ended before it had created the Pod of the task. No step has run.`;
}

export function deletedUnscheduled(owner: string): string {
  return `The Pod of the task was deleted while it had no node, and the container runner ${owner} ended before it had reported that. No step has run.`;
}

export function podDeleted(pod: KnownPod | undefined): string {
  const node = pod?.spec?.nodeName === undefined ? '' : ` It was on the node ${pod.spec.nodeName}.`;
  return `The Pod was deleted while the task was under way, and not by the process that reports this.${node} Look at the audit log for who did it, and at autoscalers and nodes that were removed.`;
}

export function stuckTerminating(pod: KnownPod, limitMs: number): string {
  return `The Pod was asked to end, but its node ${nodeOf(pod)} has not ended it within ${formatGoDurationMs(limitMs)}. Look at the node, and at its kubelet.`;
}

export function stuckAfterDeadline(pod: KnownPod, limitMs: number): string {
  return `The Pod was active for longer than its activeDeadlineSeconds allow, but its node ${nodeOf(pod)} has not ended it within ${formatGoDurationMs(limitMs)}. Look at the node, and at its kubelet.`;
}

/** An addition to a message. @param loss why the node counts as lost */
export function lostUnconfirmed(node: string, loss: string): string {
  return `The node ${node} has not confirmed that the Pod has ended, and is lost: ${loss}. Steps of the job may have run there, or still run. Look at the node.`;
}

/** An addition to a message. */
export const notDeleted =
  'The task was not handed back: the Kubernetes API refuses to delete its Pod, which may run it now or later. Look at the Role of the controller, and at the webhooks of the cluster.';

/** Adds what the status of the Pod says about its failure, unless the message says so already. */
export function withPodStatus(message: string, { status }: KnownPod): string {
  const said = [status?.reason, status?.message].map((words = '') => oneLine(words).replace(/\.$/, ''));
  const isNew = (words: string) => words !== '' && !message.includes(words);
  return said.some(isNew)
    ? `${message} The status of the Pod says: ${said.filter(Boolean).join(': ')}.`
    : message;
}

/** What the end of an init container may mean, beyond the words of others. Ours always has words if it can write them. */
function initHint(container: ObservedContainer, ended: ContainerStateTerminated): string {
  const isOurs = container.name === initContainerName;
  const memory = isOurs ? 'runnerInitResources gives it' : 'its limit';
  if (hadOomKill(ended)) return ` It needs more memory than ${memory}.`;
  const hint = endHint(ended, memory);
  const isMute = isOurs && hint === '' && hasNoWords(ended);
  return isMute ? ' It left no words, as when the disk of its node is full.' : hint;
}

/**
 * What the end of a container may mean if nobody says. The kubelet does not always hear that the kernel's OOM killer was
 * at work.
 *
 * @param memory what the container may have
 */
function endHint(ended: ContainerStateTerminated, memory: string): string {
  if (isUnknownEnd(ended)) return ' Nobody knows how it ended, as after a crash of its node.';
  if (!isKilled(ended) || !hasNoWords(ended)) return oomHint(ended);
  return ` SIGKILL without a reason may mean that it needs more memory than ${memory}, or than the node has.`;
}

/** The runtime's reason is about the whole life of the container. */
function oomHint(ended: ContainerStateTerminated): string {
  return hadOomKill(ended)
    ? ' The kernel has killed a process of it for its memory, perhaps long before.'
    : '';
}

function hasNoWords({ message = '' }: ContainerStateTerminated): boolean {
  return oneLine(message) === '';
}

/** Quotes the words of others as a sentence. Empty if there are none. */
function quote(words: string | undefined, speaker: string): string {
  const text = oneLine(words ?? '').replace(/\.$/, '');
  return text === '' ? '' : ` ${speaker} said: ${text}.`;
}

function subject(container: ObservedContainer | undefined): string {
  return container === undefined ? 'a container' : describeContainer(container);
}

function nodeOf({ spec }: KnownPod): string {
  return spec?.nodeName ?? '(none)';
}
