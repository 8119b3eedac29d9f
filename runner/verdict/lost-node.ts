import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { endOf, primaryOf } from './container.ts';
import { findDisruption } from './disruption.ts';
import type { KnownPod } from './known-pod.ts';

/** The taints of a node whose kubelet is silent, or says that it cannot run Pods. */
const lostTaints = new Set(['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready']);

/**
 * The node on which a Pod may run unseen: its kubelet has not told the Pod's end. Undefined if there is none. A Pod
 * that is gone may have been deleted by force, and Kubernetes itself calls Pods of removed nodes failed.
 */
export function unconfirmedNodeOf(pod: KnownPod): string | undefined {
  const primary = primaryOf(pod);
  const isFailed = pod.status?.phase === 'Failed' && findDisruption(pod)?.name !== 'DeletionByPodGC';
  const isConfirmed = isFailed || (primary !== undefined && endOf(primary) !== undefined);
  return isConfirmed ? undefined : pod.spec?.nodeName || undefined;
}

/**
 * Why a node counts as lost: it may be cut off, and run Pods unseen. A kubelet that only takes its time, such as for an
 * image, keeps its node ready.
 *
 * @param node undefined: there is no such node
 * @returns undefined if it is not lost
 */
export function describeLoss(node: Pick<Node, 'spec' | 'status'> | undefined): string | undefined {
  if (node === undefined) return 'it no longer exists';
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return `its condition Ready is ${ready?.status ?? 'missing'}`;
  const taint = node.spec?.taints?.find(({ key }) => lostTaints.has(key));
  return taint === undefined ? undefined : `it has the taint ${taint.key}`;
}
