import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { DoubtPolicy, RepeatPolicy } from '../../clients/runner/repeat-call.ts';
import type { RunnerApi } from '../../clients/runner/runner-api.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import type { ClassPauses } from '../claims/class-pauses.ts';
import type { ResourceClass } from '../classes/resource-classes.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';
import type { PodPlatform } from '../pod/platform.ts';
import type { PodSettings } from '../pod/pod-plan.ts';
import type { SshPorts } from '../ssh/ssh-ports.ts';
import type { PatienceMs } from '../verdict/judge-sightings.ts';
import type { PodEvents } from '../watch/pod-events.ts';
import type { PodWatch } from '../watch/pod-watch.ts';
import type { TaskMetrics } from './task-metrics.ts';

/** What the lives of all tasks share. */
export interface TaskContext {
  readonly api: RunnerApi;
  readonly callPolicy: RepeatPolicy;
  readonly stepPolicy: DoubtPolicy;
  readonly client: KubernetesClient;
  /** Follows the Pods of all tasks that this process works on: the sweep leaves these alone. */
  readonly watch: PodWatch;
  readonly podEvents: PodEvents;
  readonly logger: ControllerLogger;
  /** The secrets that no line of the log or of a step may show. */
  readonly mask: SecretMask;
  readonly podSettings: () => PodSettings;
  readonly resourceClass: (name: string) => ResourceClass;
  readonly platformFor: (resourceClass: ResourceClass) => Promise<PodPlatform>;
  readonly patience: PatienceMs;
  readonly createLimitMs: number;
  /** The time until another try to delete the record of a reported task, if the API server has refused that, ms. */
  readonly deleteAgainMs: number;
  readonly keepPods: boolean;
  /** Where tasks say that their class should claim nothing for now. */
  readonly pauses: ClassPauses;
  /** The ports for jobs with SSH. Undefined: SSH is not enabled. */
  readonly ssh: SshPorts | undefined;
  readonly metrics: TaskMetrics;
}
