import { hostname } from 'node:os';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { RunnerApi } from '../../clients/runner/runner-api.ts';
import type { Environment } from '../../internal/environment.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { ClaimRecord } from '../../runner/claims/claim-record.ts';
import { Slots } from '../../runner/claims/slots.ts';
import { ClassTokens } from '../../runner/controller/class-tokens.ts';
import { ClassesFile } from '../../runner/controller/classes-file.ts';
import type { ControllerLogger } from '../../runner/log/controller-logger.ts';
import { Metrics } from '../../runner/metrics/metrics.ts';
import type { PodSettings } from '../../runner/pod/pod-plan.ts';
import type { ControllerSettings } from '../../runner/settings/controller-settings.ts';
import { podSettings } from '../../runner/settings/pod-settings.ts';
import { readProxyVariables } from '../../runner/settings/proxy-variables.ts';
import { PodWatch } from '../../runner/watch/pod-watch.ts';
import { ClusterWatch } from './cluster-watch.ts';
import { connectKubernetes, connectRunnerApi } from './connect.ts';
import type { Stop } from './stop.ts';

/** The controller's input at its start. */
export interface ControllerStart {
  readonly settings: ControllerSettings;
  readonly environment: Environment;
  readonly logger: ControllerLogger;
  readonly mask: SecretMask;
  readonly stop: Stop;
}

/** What all parts of the controller need. */
export interface ControllerContext extends ControllerStart {
  readonly metrics: Metrics;
  readonly client: KubernetesClient;
  readonly api: RunnerApi;
  readonly file: ClassesFile;
  readonly tokens: ClassTokens;
  readonly podSettings: () => PodSettings;
  readonly cluster: ClusterWatch;
  readonly watch: PodWatch;
  readonly claims: ClaimRecord;
  readonly slots: Slots;
}

/**
 * Opens the connections, reads the classes, and starts to watch the cluster until the signal aborts.
 *
 * @throws Failure, CredentialsError, ResourceClassesError or RunnerApiError
 */
export async function createControllerContext(
  start: ControllerStart,
  over: AbortSignal,
): Promise<ControllerContext> {
  const { environment, logger, mask, settings } = start;
  const metrics = new Metrics();
  const { client, namespace } = await connectKubernetes(
    environment,
    settings.KUBE_NAMESPACE,
    ({ resource, verb }, status) => metrics.kubernetesRequest(verb, resource, status),
    mask,
  );
  const api = await connectRunnerApi(settings.RUNNER_API, environment, logger, (call, status) =>
    metrics.runnerRequest(call, status),
  );
  const file = new ClassesFile(settings.KUBE_TASK_POD_CONFIG, logger, () => metrics.configurationRejected());
  await file.load();
  const tokens = new ClassTokens(client, settings.KUBE_TOKEN_SECRETS, logger, mask);
  const surroundings = { namespace, hostname: hostname(), ...readProxyVariables(environment) };
  const podSettingsNow = () => podSettings(settings, file.classes, surroundings);
  const cluster = new ClusterWatch(client, podSettingsNow().instance, { logger, metrics }, over);
  const watch = new PodWatch(client, cluster.pods, cluster.events);
  const claims = new ClaimRecord();
  const slots = new Slots(settings.MAX_CONCURRENT_TASKS);
  return {
    ...start,
    metrics,
    client,
    api,
    file,
    tokens,
    podSettings: podSettingsNow,
    cluster,
    watch,
    claims,
    slots,
  };
}
