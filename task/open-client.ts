import { hostname } from 'node:os';
import type { RunnerClient } from '../clients/runner/client.ts';
import type { Environment } from '../internal/environment.ts';
import type { Logger } from '../internal/log/logger.ts';
import { loadTrustStore } from '../internal/trust-store/trust-store.ts';
import { version } from '../internal/version.ts';
import type { Config } from './config.ts';

/** The time for handing a task back and reporting it, ms. The kubelet only waits for the Pod's grace period. */
const budgetMs = 75_000;

/** The client's settings: the address of the runner API, the caller's name, and the proxy. */
export interface ApiAccess {
  readonly config: Pick<Config, 'runner_api_base_url'>;
  /** The container's environment. It names proxies and certificates. */
  readonly environment: Environment;
  readonly logger: Logger;
}

/**
 * Opens the client of the runner API. It is loaded only when there is something to report. Most tasks do not
 * report.
 *
 * @throws RunnerApiError if the base URL cannot be used
 */
export async function openClient({ config, environment, logger }: ApiAccess): Promise<RunnerClient> {
  const { createRunnerClient } = await import('../clients/runner/client.ts');
  const { userAgent } = await import('../clients/runner/user-agent.ts');
  const { readProxySettings } = await import('../internal/http/proxy-settings.ts');
  const { describeTrust } = await import('../internal/trust-store/describe-trust.ts');
  const { rootCertificates: builtIn } = await import('node:tls');
  const ca = await trustedCertificates(environment, logger, builtIn);
  return createRunnerClient({
    baseUrl: config.runner_api_base_url,
    userAgent: userAgent({ version, platform: process.platform, arch: process.arch, hostname: hostname() }),
    proxy: readProxySettings(environment),
    ca,
    trust: describeTrust(ca.length - builtIn.length, environment),
    budgetMs,
    onRetry: (error, leftMs) =>
      logger.warn('a call of the runner API failed and is tried again', {
        error,
        limit_ms: Math.round(leftMs),
      }),
  });
}

/** An unreadable trust store must not prevent a report. The built-in roots are used then. */
async function trustedCertificates(
  environment: Environment,
  logger: Logger,
  builtIn: readonly string[],
): Promise<readonly string[]> {
  try {
    return await loadTrustStore(environment);
  } catch (error) {
    logger.warn('only the built-in root certificates are trusted', { error });
    return builtIn;
  }
}
