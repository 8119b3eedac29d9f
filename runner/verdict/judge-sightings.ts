import { comesWithInstallation } from './container.ts';
import type { KnownPod } from './known-pod.ts';
import * as messages from './messages.ts';
import { graceSecondsOf, terminationSlackMs } from './pod-grace-period.ts';
import type { Sighting } from './sightings.ts';
import type { SymptomKind } from './symptoms.ts';
import { failed, type PodFailure, type PodFailureReason, type Retry, type TaskVerdict } from './verdict.ts';

/** How long a symptom may last before the task is given up, ms. */
export interface PatienceMs {
  readonly scheduling: number;
  readonly imageError: number;
  readonly imagePull: number;
  readonly start: number;
}

/** The verdict on a symptom that has lasted too long. */
interface Rule {
  readonly reason: PodFailureReason;
  readonly message: (sighting: Sighting, pod: KnownPod, limitMs: number) => string;
  /** If it is about a container of the job, the mistake is the job's: another try would fail the same way. */
  readonly mayBeJobs?: true;
}

const rules: Readonly<Record<SymptomKind, Rule>> = {
  unscheduled: {
    reason: 'unschedulable',
    message: (sighting, _pod, limitMs) => messages.unschedulable(sighting, limitMs),
  },
  'impossible-image': { reason: 'image-invalid', message: messages.impossibleImage, mayBeJobs: true },
  'refused-image': { reason: 'image-refused', message: messages.refusedImage, mayBeJobs: true },
  pull: {
    reason: 'image-pull-timeout',
    message: (sighting, _pod, limitMs) => messages.pullTimeout(sighting, limitMs),
  },
  'failing-container': {
    reason: 'container-failed',
    message: messages.failingContainer,
    mayBeJobs: true,
  },
  'not-started': { reason: 'start-timeout', message: messages.startTimeout },
  terminating: {
    reason: 'node-lost',
    message: (_sighting, pod, limitMs) => messages.stuckTerminating(pod, limitMs),
  },
  // Kubernetes does not delete a Pod that tolerates the loss of its node, nor any if all nodes are lost.
  'has-deadline': {
    reason: 'node-lost',
    message: (_sighting, pod, limitMs) => messages.stuckAfterDeadline(pod, limitMs),
  },
};

const overdueReasons = new Set(Object.values(rules).map(({ reason }) => reason));

/** Whether a task is given up because something has not happened. A watch that lags may only not show it yet. */
export function isOverdue(verdict: TaskVerdict): boolean {
  return verdict.kind === 'failed' && overdueReasons.has(verdict.reason);
}

/**
 * Judges a Pod that has not ended by what keeps it from its start or end.
 *
 * @param retryByStart whether the task may be handed back, which depends on whether it can have begun
 * @param nowMs on the clock of the sightings
 */
export function judgeSightings(
  sightings: readonly Sighting[],
  pod: KnownPod,
  retryByStart: Retry,
  patience: PatienceMs,
  nowMs: number,
): PodFailure | undefined {
  const limits = limitsFor(pod, patience);
  const due = sightings.find(({ kind, sinceMs }) => nowMs - sinceMs >= limits[kind]);
  if (due === undefined) return undefined;
  const { mayBeJobs, message, reason } = rules[due.kind];
  const isOfJob = mayBeJobs && due.container && !comesWithInstallation(due.container);
  return failed(reason, isOfJob ? 'never' : retryByStart, message(due, pod, limits[due.kind]));
}

function limitsFor(pod: KnownPod, patience: PatienceMs): Readonly<Record<SymptomKind, number>> {
  const graceSeconds = pod.metadata?.deletionGracePeriodSeconds ?? graceSecondsOf(pod);
  return {
    unscheduled: patience.scheduling,
    'impossible-image': 0,
    'refused-image': patience.imageError,
    pull: patience.imagePull,
    'failing-container': patience.imageError,
    'not-started': patience.start,
    terminating: graceSeconds * 1000 + terminationSlackMs,
    'has-deadline': ((pod.spec?.activeDeadlineSeconds ?? 0) + graceSeconds) * 1000 + terminationSlackMs,
  };
}

/**
 * When the verdict may change without any news: the first moment at which a symptom has lasted too long.
 *
 * @returns a time on the clock of the sightings, ms. Undefined if there is no symptom
 */
export function nextDeadline(
  { pod, sightings }: { readonly pod: KnownPod | undefined; readonly sightings: readonly Sighting[] },
  patience: PatienceMs,
): number | undefined {
  if (pod === undefined || sightings.length === 0) return undefined;
  const limits = limitsFor(pod, patience);
  return Math.min(...sightings.map(({ kind, sinceMs }) => sinceMs + limits[kind]));
}
