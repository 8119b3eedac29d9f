import type { ContainerStateTerminated } from 'kubernetes-types/core/v1.d.ts';
import { endOf, hasRun, listContainers, type ObservedContainer, primaryOf } from './container.ts';
import { hadOomKill, hasNotStarted, hasReported, isOutOfMemory, isUnknownEnd } from './container-end.ts';
import { findDisruption } from './disruption.ts';
import { judgeSightings, type PatienceMs } from './judge-sightings.ts';
import { findKillingProbe } from './killing-probe.ts';
import type { KnownPod } from './known-pod.ts';
import * as messages from './messages.ts';
import type { PodView } from './pod-view.ts';
import type { Sighting } from './sightings.ts';
import { isNotMadeByNode } from './start-error.ts';
import { failed, type PodFailure, type Retry, type TaskVerdict } from './verdict.ts';

/** All that a verdict needs to know about a Pod. */
export interface ObservedPod extends PodView {
  readonly sightings: readonly Sighting[];
  /**
   * The primary container was seen to run, now or before. The Pod may no longer show that: a kubelet that restarts and
   * then refuses a running Pod drops the states of its containers (kubernetes/kubernetes#98534), and events expire.
   */
  readonly ran: boolean;
}

/**
 * Judges a task by its Pod. The order of the rules matters: first the end of the primary container, then disruptions of
 * the Pod, then the obstacles to its start.
 *
 * @param nowMs on the clock of the sightings
 */
export function judgeTask(observed: ObservedPod, patience: PatienceMs, nowMs: number): TaskVerdict {
  const { pod, gone, endMissed } = observed;
  if (pod === undefined)
    return gone ? failed('pod-deleted', 'if-unsafe', messages.podDeleted(undefined)) : { kind: 'pending' };
  const containers = listContainers(pod);
  const primary = primaryOf(pod);
  const ended = primary && endOf(primary);
  if (ended === undefined ? pod.status?.phase === 'Succeeded' : hasReported(ended)) return { kind: 'done' };
  const failure =
    judgeDisruption(observed, pod, primary) ??
    (primary && ended && judgeEnd(observed, pod, primary, ended)) ??
    judgeInit(observed, pod, containers, primary) ??
    judgePodFailure(observed, pod, primary) ??
    (gone
      ? failed('pod-deleted', retryOf(observed, primary, endMissed), messages.podDeleted(pod))
      : undefined) ??
    judgeSightings(observed.sightings, pod, retryOf(observed, primary), patience, nowMs);
  if (failure !== undefined) return { ...failure, message: messages.withPodStatus(failure.message, pod) };
  return primary?.status?.state?.running ? { kind: 'running' } : { kind: 'pending' };
}

/** No step of the job can have run before the primary container ran. @param missed whether that may have been missed */
function retryOf(
  { events, ran }: ObservedPod,
  primary: ObservedContainer | undefined,
  missed = false,
): Retry {
  return missed || ran || (primary !== undefined && hasRun(primary, events)) ? 'if-unsafe' : 'always';
}

/** Judges a disruption of a Pod that has ended. On a running Pod it is only announced, and the Pod's own end counts. */
function judgeDisruption(
  observed: ObservedPod,
  pod: KnownPod,
  primary: ObservedContainer | undefined,
): PodFailure | undefined {
  const { endMissed, gone } = observed;
  const isEndShown = pod.status?.phase === 'Failed' || (primary && endOf(primary)) !== undefined;
  const disruption = findDisruption(pod);
  if (!(gone || isEndShown) || disruption === undefined) return undefined;
  const reason = disruption.kind === 'deadline' ? 'deadline' : 'disrupted';
  const retry = retryOf(observed, primary, endMissed && !isEndShown);
  return failed(reason, retry, messages.disrupted(disruption, primary, observed.ran));
}

/** @returns undefined if the container never ran, and the kubelet invented its end */
function judgeEnd(
  observed: ObservedPod,
  pod: KnownPod,
  primary: ObservedContainer,
  ended: ContainerStateTerminated,
): PodFailure | undefined {
  if (isUnknownEnd(ended) && retryOf(observed, primary) === 'always') return undefined;
  if (hasNotStarted(ended)) {
    const retry = isNotMadeByNode(ended.message ?? '') ? 'always' : 'never';
    return failed('primary-not-started', retry, messages.primaryNotStarted(primary, ended));
  }
  const probe = findKillingProbe(pod, primary, observed.events);
  if (probe !== undefined)
    return failed('liveness', 'if-unsafe', messages.livenessFailed(primary, ended, probe));
  if (isOutOfMemory(ended)) return failed('out-of-memory', 'if-unsafe', messages.outOfMemory(primary, ended));
  return failed('primary-failed', 'if-unsafe', messages.primaryFailed(pod, primary, ended));
}

/**
 * A failed init container ends the Pod, even if the Pod's phase stays Pending for long. If the Pod is being deleted, the
 * deletion is what has ended the container.
 */
function judgeInit(
  observed: ObservedPod,
  pod: KnownPod,
  containers: readonly ObservedContainer[],
  primary: ObservedContainer | undefined,
): PodFailure | undefined {
  if (pod.metadata?.deletionTimestamp !== undefined || findDisruption(pod) !== undefined) return undefined;
  for (const container of containers) {
    const ended = container.status?.state?.terminated;
    if (container.role !== 'init' || ended === undefined) continue;
    // A kubelet takes the OOM killer for a failure whatever the exit status, and starts nothing more. Before 1.27, the
    // Pod then stays Pending (kubernetes/kubernetes#116676).
    const isFatalKill = hadOomKill(ended) && retryOf(observed, primary) === 'always';
    if (ended.exitCode !== 0 || isFatalKill)
      return failed('init-failed', 'always', messages.initFailed(container, ended));
  }
  return undefined;
}

function judgePodFailure(
  observed: ObservedPod,
  pod: KnownPod,
  primary: ObservedContainer | undefined,
): PodFailure | undefined {
  if (pod.status?.phase !== 'Failed') return undefined;
  const retry = retryOf(observed, primary);
  return pod.metadata?.deletionTimestamp === undefined
    ? failed('pod-failed', retry, messages.podFailed(pod))
    : failed('pod-deleted', retry, messages.podDeleted(pod));
}
