import { rootCertificates } from 'node:tls';
import { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { Credentials } from '../../clients/kubernetes/credentials/credentials.ts';
import { readCredentials } from '../../clients/kubernetes/credentials/read-credentials.ts';
import { type Observe, Transport } from '../../clients/kubernetes/transport.ts';
import type { ObserveAttempt } from '../../clients/runner/caller.ts';
import { createRunnerApi, type RunnerApi } from '../../clients/runner/runner-api.ts';
import type { Environment } from '../../internal/environment.ts';
import { proxyMistakes } from '../../internal/http/proxy-variable.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { certificateMistakes } from '../../internal/trust-store/certificate-mistakes.ts';
import { describeTrust } from '../../internal/trust-store/describe-trust.ts';
import { loadTrustStore } from '../../internal/trust-store/trust-store.ts';
import { version } from '../../internal/version.ts';
import type { ControllerLogger } from '../../runner/log/controller-logger.ts';
import { readProxyVariables } from '../../runner/settings/proxy-variables.ts';

const userAgent = `container-agent/${version} (${process.platform}; ${process.arch})`;

/**
 * Connects to the Kubernetes API directly: the proxy variables are for the runner API.
 *
 * @param given the namespace. If it is empty, the credentials name it
 * @param mask gets the current token
 * @throws CredentialsError
 */
export async function connectKubernetes(
  environment: Environment,
  given: string,
  observe: Observe,
  mask: SecretMask,
): Promise<{ client: KubernetesClient; namespace: string }> {
  const credentials = maskToken(await readCredentials(environment), mask);
  const namespace = given || credentials.namespace || 'default';
  return {
    client: new KubernetesClient(new Transport({ credentials, userAgent, observe }), namespace),
    namespace,
  };
}

function maskToken(credentials: Credentials, mask: SecretMask): Credentials {
  let masked = '';
  const token = async () => {
    const now = (await credentials.token()) ?? '';
    if (now !== masked) {
      mask.add(now);
      mask.remove(masked);
      masked = now;
    }
    return now === '' ? undefined : now;
  };
  return { ...credentials, token };
}

/** @throws RunnerApiError if the base URL cannot be used, or Failure 'trust-store' */
export async function connectRunnerApi(
  baseUrl: string,
  environment: Environment,
  logger: ControllerLogger,
  observe: ObserveAttempt,
): Promise<RunnerApi> {
  const { proxy, warnings } = readProxyVariables(environment);
  for (const warning of warnings) logger.warn('a proxy variable cannot be used as it is', { warning });
  const mistakes = [...proxyMistakes(baseUrl, proxy), ...(await certificateMistakes(environment))];
  for (const { problem, setting } of mistakes)
    logger.warn('a setting is probably wrong', { setting, problem });
  const ca = await loadTrustStore(environment);
  return createRunnerApi({
    baseUrl,
    userAgent,
    proxy,
    ca,
    trust: describeTrust(ca.length - rootCertificates.length, environment),
    observe,
    onRetry: (error, leftMs) =>
      logger.warn('a call of the runner API failed and is tried again', {
        error,
        limit_ms: Math.round(leftMs),
      }),
  });
}
