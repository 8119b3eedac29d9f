import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { RunnerApi } from '../../clients/runner/runner-api.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import type { ClassPauses } from '../claims/class-pauses.ts';
import type { ResourceClass } from '../classes/resource-classes.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';
import type { PodPlatform } from '../pod/platform.ts';
import type { PodSettings } from '../pod/pod-plan.ts';
import type { SshPorts } from '../ssh/ssh-ports.ts';
import type { PatienceMs } from '../verdict/judge-task.ts';
import type { PodWatch } from './pod-watch.ts';
import type { Reported } from './report-task-failure.ts';
import type { TaskFailure } from './task-ending.ts';

/** What the lives of all tasks share. */
export interface World {
  readonly api: RunnerApi;
  readonly client: KubernetesClient;
  readonly watch: PodWatch;
  readonly logger: ControllerLogger;
  /** The secrets that no line of the log or of a step may show. */
  readonly secrets: SecretMask;
  readonly podSettings: () => PodSettings;
  readonly resourceClass: (name: string) => ResourceClass;
  readonly platformFor: (resourceClass: ResourceClass) => Promise<PodPlatform>;
  readonly patience: PatienceMs;
  readonly createLimitMs: number;
  readonly keepPods: boolean;
  /** A class claims nothing while the API server does not accept its Pods. */
  readonly pauses: ClassPauses;
  /** The names of the Pods of all tasks that this process watches: the sweep leaves them alone. */
  readonly watched: Set<string>;
  /** The ports for jobs with SSH. Undefined: SSH is not enabled. */
  readonly ssh: SshPorts | undefined;
  readonly metrics: TaskMetrics;
}

/** How a task may end: its orchestrator has reported it (`done`), or this program has. */
export type TaskEnd = 'done' | Reported;

/** The waits of a task: for its primary container to run, or for its failure to be reported. */
export type TaskWait = 'running' | 'reported';

/** The metrics of tasks. Durations are in s. */
export interface TaskMetrics {
  /** A task begins to wait. @returns a function that ends the wait, and may be called twice */
  waits(resourceClass: string, until: TaskWait): () => void;
  podCreated(resourceClass: string, secondsAfterClaim: number): void;
  /** @param reason of the failure. Undefined: the task has not failed */
  taskEnded(resourceClass: string, end: TaskEnd, reason: TaskFailure['reason'] | undefined): void;
  taskTakenOver(): void;
  /** Called once for each state. */
  podReached(resourceClass: string, state: 'scheduled' | 'running', secondsAfterClaim: number): void;
}
