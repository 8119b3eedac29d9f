import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { RunnerApi } from '../../clients/runner/runner-api.ts';
import type { ClassPauses } from '../claims/class-pauses.ts';
import type { ResourceClass } from '../classes/resource-classes.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';
import type { PodPlatform } from '../pod/platform.ts';
import type { PodSettings } from '../pod/pod-plan.ts';
import type { SshPorts } from '../ssh/ssh-ports.ts';
import type { PatienceMs } from '../verdict/judge-task.ts';
import type { PodWatch } from './pod-watch.ts';

/** What the lives of all tasks share. */
export interface World {
  readonly api: RunnerApi;
  readonly client: KubernetesClient;
  readonly watch: PodWatch;
  readonly logger: ControllerLogger;
  readonly podSettings: () => PodSettings;
  readonly resourceClass: (name: string) => ResourceClass;
  readonly platformFor: (resourceClass: ResourceClass) => Promise<PodPlatform>;
  readonly patience: PatienceMs;
  readonly createLimitMs: number;
  readonly keepPods: boolean;
  /** While the API server does not take Pods of a class, that claims nothing. */
  readonly pauses: ClassPauses;
  /** The names of the Pods of all tasks that this process watches: the sweep leaves them alone. */
  readonly watched: Set<string>;
  /** For jobs that can be entered by SSH; undefined: there are none. */
  readonly ssh: SshPorts | undefined;
  readonly metrics: TaskMetrics;
}

/** What is measured of tasks; durations in s. */
export interface TaskMetrics {
  podCreated(resourceClass: string, secondsAfterClaim: number): void;
  taskEnded(resourceClass: string, end: string): void;
  taskTakenOver(): void;
  /** Each state once, s after the claim. */
  podReached(resourceClass: string, state: 'scheduled' | 'running', secondsAfterClaim: number): void;
}
