import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { NotCreatedError } from '../objects/create-object.ts';
import { hasServices, type PodPlan } from '../pod/pod-plan.ts';

/**
 * Checks that the Secret for the logging container exists. The public chart also names a Secret when it creates none,
 * and a Pod whose volume does not exist stays silent for a long time.
 *
 * @throws NotCreatedError, or the signal's reason
 */
export async function requireLogging(
  plan: PodPlan,
  client: KubernetesClient,
  signal: AbortSignal,
): Promise<void> {
  if (!hasServices(plan)) return;
  const { loggingImage, loggingSecret } = plan.settings;
  if (loggingImage === '') throw missing('KUBE_LOGGING_IMAGE, which names its image, is not set');
  if (loggingSecret === '')
    throw missing('KUBE_LOGGING_SECRET, which names the Secret with its token, is not set');
  try {
    await client.secrets.get(loggingSecret, signal);
  } catch (error) {
    signal.throwIfAborted();
    // The kubelet finds any other problem.
    if (isStatus(error, 404))
      throw missing(`the Secret ${loggingSecret} with its token does not exist`, error);
  }
}

function missing(what: string, cause?: unknown): NotCreatedError {
  return new NotCreatedError(
    `The job has services, so its Pod needs a logging container, but ${what}. Look at the values below logging of the chart.`,
    'never',
    { cause },
  );
}
