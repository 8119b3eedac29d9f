import { endOf, isAbout, isPulling, listContainers, type ObservedContainer } from './container.ts';
import type { KnownEvent, KnownPod } from './known-pod.ts';
import { isFinalPullError } from './pull-error.ts';
import { isNodeOverloaded, isNotMadeByNode } from './start-error.ts';

/** The kinds of obstacles to a Pod's start or end. The verdict decides how long each may last. */
export type SymptomKind =
  | 'unscheduled'
  /** The name of an image is invalid, or it must never be pulled. Neither will change. */
  | 'impossible-image'
  /** The registry does not have the image, or refuses it to us. */
  | 'refused-image'
  /** An image is being pulled, or the registry fails. */
  | 'pull'
  /** The runtime cannot make or start a container. */
  | 'failing-container'
  /** A problem with volumes, the sandbox, or a disk or the load of the node, or a kubelet that does nothing. */
  | 'not-started'
  | 'terminating'
  /** The Pod has a deadline. Its kubelet ends it then, unless its node is lost. */
  | 'has-deadline';

export interface Symptom {
  readonly kind: SymptomKind;
  /** The container with the symptom, if it is about one. */
  readonly container?: ObservedContainer;
  /** The words of the scheduler, the kubelet or the runtime. May be empty. */
  readonly words: string;
  /** Symptoms with the same kind and key are the same symptom: its time continues. */
  readonly key: string;
}

/*
 * Why a container waits, in the words of the kubelet: pkg/kubelet/images/types.go, kuberuntime/kuberuntime_container.go
 * and container/sync_result.go of Kubernetes, and of container runtimes, whose own reasons it passes on.
 */

const impossibleImage = new Set(['InvalidImageName', 'ErrImageNeverPull']);
const failingPull = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'RegistryUnavailable',
  'ImageInspectError',
  'SignatureValidationFailed',
]);
const failingContainer = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
]);

/**
 * The obstacles to the start or end of a Pod that has not ended.
 *
 * @param events about this Pod, oldest first
 */
export function findSymptoms(pod: KnownPod, events: readonly KnownEvent[]): Symptom[] {
  const { metadata = {}, spec, status } = pod;
  const symptoms: Symptom[] = [];
  if (metadata.deletionTimestamp !== undefined) {
    symptoms.push({ kind: 'terminating', key: '', words: status?.message ?? '' });
  }
  if (!spec?.nodeName) {
    const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
    return [...symptoms, { kind: 'unscheduled', key: '', words: condition?.message ?? '' }];
  }
  const containers = listContainers(pod);
  const waiting = containers.flatMap((container) => waitingSymptom(container, events) ?? []);
  symptoms.push(...waiting);
  if (waiting.length === 0 && isIdle(containers)) {
    // Each container that starts for the first time is progress.
    const started = containers.filter((it) => it.status?.state?.running || endOf(it)).length;
    symptoms.push({ kind: 'not-started', key: String(started), words: lastWarning(events) });
  }
  if (spec.activeDeadlineSeconds !== undefined) symptoms.push({ kind: 'has-deadline', key: '', words: '' });
  return symptoms;
}

/** A sidecar that has ended is no obstacle while it waits for its next start: it has been no obstacle before. */
function waitingSymptom(container: ObservedContainer, events: readonly KnownEvent[]): Symptom | undefined {
  if (endOf(container) !== undefined) return undefined;
  const { reason = '', message = '' } = container.status?.state?.waiting ?? {};
  const about = (kind: SymptomKind, words: string): Symptom => ({
    kind,
    container,
    words,
    key: container.name,
  });
  if (impossibleImage.has(reason)) return about('impossible-image', message || reason);
  if (failingPull.has(reason)) {
    const words = pullErrorOf(container, message, events);
    return about(isFinalPullError(words) ? 'refused-image' : 'pull', words || reason);
  }
  if (failingContainer.has(reason)) {
    const isNodes = isNotMadeByNode(message) || (/^Create/.test(reason) && isNodeOverloaded(message));
    return about(isNodes ? 'not-started' : 'failing-container', message || reason);
  }
  const isWaiting = container.status?.state?.waiting !== undefined;
  return isWaiting && isPulling(container, events)
    ? about('pull', 'the image is still being pulled')
    : undefined;
}

/** While older kubelets wait before the next try, their status does not repeat why the last one failed. */
function pullErrorOf({ name }: ObservedContainer, message: string, events: readonly KnownEvent[]): string {
  if (isFinalPullError(message)) return message;
  const failed = events.findLast(
    (event) => isAbout(event, name) && /^Failed to pull image/.test(event.message ?? ''),
  );
  return failed?.message ?? message;
}

/**
 * Whether something still has to start, and neither the task runs nor what has to end before it. An init container that
 * runs for long is working. A sidecar that runs may hold up the others, as long as its startup probe fails.
 */
function isIdle(containers: readonly ObservedContainer[]): boolean {
  const works = ({ role, status }: ObservedContainer) =>
    (role === 'init' || role === 'primary') && status?.state?.running !== undefined;
  return !containers.some(works) && containers.some(({ status }) => status?.state?.terminated === undefined);
}

/** The last warning of the kubelet. The scheduler's are about the time before the Pod had a node. */
function lastWarning(events: readonly KnownEvent[]): string {
  const isKubelets = ({ reason, type }: KnownEvent) => type === 'Warning' && reason !== 'FailedScheduling';
  const { reason = '', message = '' } = events.findLast(isKubelets) ?? {};
  return reason === '' ? '' : `${reason}: ${message}`;
}
