import type { Environment } from '../../internal/environment.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { collectLogs } from '../../runner/collect-logs/collect-logs.ts';
import { readinessLimitMs } from '../../runner/collect-logs/collection.ts';
import { readCollectionSettings } from '../../runner/collect-logs/collection-settings.ts';
import type { ControllerLogger } from '../../runner/log/controller-logger.ts';
import { connectKubernetes, connectRunnerApi } from './connect.ts';
import type { Stop } from './stop.ts';

/** The logging container's input at its start. */
export interface CollectLogsStart {
  readonly environment: Environment;
  readonly logger: ControllerLogger;
  readonly mask: SecretMask;
  readonly stop: Stop;
}

/**
 * Sends the output of a task's services to the runner API until the task is over.
 *
 * @throws ControllerSettingsError, CredentialsError, Failure or RunnerApiError if it cannot start
 */
export async function runCollectLogs(start: CollectLogsStart): Promise<void> {
  const { environment, logger, mask, stop } = start;
  const { namespace, pod, readinessFile, runnerApiUrl, services, taskToken } =
    readCollectionSettings(environment);
  mask.add(taskToken);
  const { client } = await connectKubernetes(environment, namespace, () => undefined, mask);
  const api = await connectRunnerApi(runnerApiUrl, environment, logger, () => undefined);
  await collectLogs(
    { pod, services, readinessFile, readinessLimitMs, taskToken, client, steps: api.steps, logger },
    stop.draining,
  );
  await Promise.all([api.close(), client.close()]);
}
