import { saysHandedBack } from '../../internal/termination-log.ts';
import { endOf, primaryOf } from '../verdict/container.ts';
import { hasReported } from '../verdict/container-end.ts';
import type { PodView } from '../verdict/pod-view.ts';
import { oneLine } from '../verdict/words.ts';
import type { Reported } from './report-task-failure.ts';

/** Whether the orchestrator has ended by itself, after its report to the runner API. */
export function isReported({ pod }: Pick<PodView, 'pod'>): boolean {
  const primary = pod && primaryOf(pod);
  const ended = primary && endOf(primary);
  return ended !== undefined && hasReported(ended);
}

/** What a Pod's orchestrator has told the runner API. */
export interface OrchestratorReport {
  readonly end: Extract<Reported, 'failed' | 'handed-back'>;
  /** On one line. */
  readonly message: string;
}

/** The failure of a Pod whose orchestrator has reported it: it leaves its message to Kubernetes. Undefined: none. */
export function reportOf({ pod }: Pick<PodView, 'pod'>): OrchestratorReport | undefined {
  const primary = pod && primaryOf(pod);
  const message = oneLine((primary && endOf(primary)?.message) ?? '');
  if (message === '') return undefined;
  return { end: saysHandedBack(message) ? 'handed-back' : 'failed', message };
}
