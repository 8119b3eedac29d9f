import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { KubernetesObject } from '../../clients/kubernetes/read-answer.ts';
import type { TakenOverTask } from '../life/take-over-task.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';
import { ageMsOf } from '../objects/object-age.ts';

/** The input of a sweep. */
export interface SweepContext {
  readonly client: KubernetesClient;
  readonly logger: ControllerLogger;
  readonly namespace: string;
  /** The instance that sweeps. */
  readonly us: string;
  /** The names of the tasks that this process watches now. */
  readonly watched: () => Iterable<string>;
  /** Whether left-over objects are deleted. */
  readonly collects: boolean;
  readonly keepPods: boolean;
  /** The age from which on nobody needs an object any more, ms. */
  readonly oldMs: number;
  /** Brings the task to its end; must not throw. */
  readonly onTask: (task: TakenOverTask) => void;
  readonly onDeleted: (kind: 'pod' | 'secret') => void;
}

/** Whether an object is so old that nobody can need it any more. */
export function isTooOld(object: KubernetesObject, { client, oldMs }: SweepContext): boolean {
  return ageMsOf(object, client) > oldMs;
}
