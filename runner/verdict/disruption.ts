import type { KnownPod } from './known-pod.ts';

/** Why somebody or something other than the task has ended a Pod. */
export interface Disruption {
  readonly kind:
    | 'evicted'
    | 'drained'
    | 'preempted'
    | 'node-shutdown'
    | 'kubelet'
    | 'rejected'
    | 'deadline'
    | 'other';
  /** The API's name of the reason, from the Pod's status or from its condition DisruptionTarget. */
  readonly name: string;
  /** The message with it. May be empty. */
  readonly words: string;
}

/** Reasons that the kubelet gives in `status.reason`. */
const podReasons: Readonly<Record<string, Disruption['kind']>> = {
  Evicted: 'evicted',
  Preempting: 'preempted',
  Preempted: 'preempted',
  Terminated: 'node-shutdown',
  NodeShutdown: 'node-shutdown',
  Shutdown: 'node-shutdown',
  NodeLost: 'node-shutdown',
  DeadlineExceeded: 'deadline',
  NodeAffinity: 'rejected',
  UnexpectedAdmissionError: 'rejected',
  AppArmor: 'rejected',
  InitContainerRestartPolicyForbidden: 'rejected',
};

/** Reasons of the condition DisruptionTarget: Kubernetes documentation, "Pod disruption conditions". */
const conditionReasons: Readonly<Record<string, Disruption['kind']>> = {
  PreemptionByScheduler: 'preempted',
  DeletionByTaintManager: 'drained',
  EvictionByEvictionAPI: 'drained',
  DeletionByPodGC: 'node-shutdown',
  // An eviction, a preemption or a shutdown, if `status.reason` is lost (kubernetes/kubernetes#105467).
  TerminationByKubelet: 'kubelet',
};

/** The beginning of the kubelet's message with any reason for which it refuses a Pod. There are more than it documents. */
const rejection = /^Pod was rejected: /;

/** Finds a disruption in the Pod's status. The kubelet's own reason comes first. */
export function findDisruption({ status }: KnownPod): Disruption | undefined {
  const { reason = '', message = '', conditions = [] } = status ?? {};
  const isRejected = /^OutOf/.test(reason) || rejection.test(message);
  const kind = podReasons[reason] ?? (isRejected ? 'rejected' : undefined);
  if (kind !== undefined) return { kind, name: reason, words: message };
  const target = conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  if (target === undefined) return undefined;
  const { reason: name = 'DisruptionTarget', message: words = '' } = target;
  return { kind: conditionReasons[name] ?? 'other', name, words };
}
