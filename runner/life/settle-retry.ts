import { askUntilAnswered } from '../objects/ask-until-answered.ts';
import { hasStarted, primaryOf } from '../verdict/container.ts';
import { describeLoss, unconfirmedNodeOf } from '../verdict/lost-node.ts';
import { lostUnconfirmed, notDeleted } from '../verdict/messages.ts';
import type { PodView } from '../verdict/pod-view.ts';
import type { StoppedPod } from './stop-pod.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskFailure } from './task-failure.ts';

/** The part of a failure that the end of a Pod may change. */
type Settled = Pick<TaskFailure, 'retry' | 'message'>;

/** What is needed to ask for a node. */
type Asker = Pick<TaskContext, 'client' | 'logger'>;

/**
 * Decides whether a failed task may be handed back, now that its Pod has ended, is gone, or has not ended in time.
 * Until a kubelet has told the Pod's end, steps of the job may run unseen on a node that is lost.
 *
 * @throws the signal's reason
 */
export async function settleRetry(
  { message, retry }: Settled,
  stopped: StoppedPod,
  asker: Asker,
  signal: AbortSignal,
): Promise<Settled> {
  const { hadNoNode, isRefused, last } = stopped;
  if (isRefused) return { message: `${message} ${notDeleted}`, retry: 'never' };
  if (retry !== 'always' || hadNoNode) return { message, retry };
  if (mayHaveRun(stopped)) return { message, retry: 'if-unsafe' };
  const node = last.pod && unconfirmedNodeOf(last.pod);
  const loss = node === undefined ? undefined : await findLoss(node, asker, signal);
  if (node === undefined || loss === undefined) return { message, retry };
  return { message: `${message} ${lostUnconfirmed(node, loss)}`, retry: 'if-unsafe' };
}

/**
 * Whether steps of the job may have run after all. They may if nobody saw the Pod's end. If its end was seen, only the
 * start of the primary container counts: in a deleted Pod, a container that was never created has the same exit status
 * as one that the kubelet has lost. A Pod that still exists proves nothing, because a kubelet does not end a Pod while
 * it pulls an image.
 */
function mayHaveRun({ last }: StoppedPod): boolean {
  return last.endMissed || hasBegun(last);
}

/** Whether the kubelet has seen the task's orchestrator start. */
export function hasBegun({ events, pod }: PodView): boolean {
  const primary = pod && primaryOf(pod);
  return primary !== undefined && hasStarted(primary, events);
}

/** @returns why the node counts as lost. Undefined: it does not, or this program may not ask */
async function findLoss(
  name: string,
  { client, logger }: Asker,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return describeLoss(await askUntilAnswered(() => client.nodes.find(name, signal), signal));
  } catch (error) {
    signal.throwIfAborted();
    logger.warn('it is not known whether the node of a Pod is lost, so the task of the Pod is handed back', {
      node: name,
      error,
    });
    return undefined;
  }
}
