import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { StepApi } from '../../clients/runner/runner-api.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';

/** Less than the ten minutes after which the orchestrator gives up a task without a readiness file, ms. */
export const readinessLimitMs = 9 * 60_000;

/** A service of the task whose output is collected. */
export interface Service {
  /** The container's name. */
  readonly container: string;
  readonly image: string;
}

/** The logs to collect, and where they go. */
export interface Collection {
  readonly pod: string;
  readonly services: readonly Service[];
  /** Written when all services run. */
  readonly readinessFile: string;
  /** The task starts without services that need longer than this, ms. */
  readonly readinessLimitMs: number;
  readonly taskToken: string;
  readonly client: KubernetesClient;
  readonly steps: StepApi;
  readonly logger: ControllerLogger;
}
