import { hostname } from 'node:os';
import type { RunnerClient } from '../clients/runner/client.ts';
import type { Environment } from '../internal/environment.ts';
import type { Logger } from '../internal/log/logger.ts';
import { loadTrustStore } from '../internal/trust-store/trust-store.ts';
import { version } from '../internal/version.ts';
import type { Config } from './config.ts';

/** Where the runner API is, who calls it, and by which way. */
export interface ApiAccess {
  readonly config: Pick<Config, 'runner_api_base_url'>;
  /** The container's own: it names proxies and certificates. */
  readonly environment: Environment;
  readonly logger: Logger;
}

/**
 * Opens the client of the runner API. Loaded and set up only when there is something to report, which most tasks
 * never have.
 *
 * @throws RunnerApiError when the base URL cannot be used
 */
export async function openClient({ config, environment, logger }: ApiAccess): Promise<RunnerClient> {
  const { createRunnerClient } = await import('../clients/runner/client.ts');
  const { userAgent } = await import('../clients/runner/user-agent.ts');
  const proxyVariables = [
    'HTTP_PROXY',
    'http_proxy',
    'HTTPS_PROXY',
    'https_proxy',
    'NO_PROXY',
    'no_proxy',
  ] as const;
  return createRunnerClient({
    baseUrl: config.runner_api_base_url,
    userAgent: userAgent({ version, platform: process.platform, arch: process.arch, hostname: hostname() }),
    proxy: Object.fromEntries(proxyVariables.map((name) => [name, environment.get(name)])),
    ca: await trustedCertificates(environment, logger),
  });
}

/** A trust store that cannot be read must not keep a failure from being reported: the built-in roots remain. */
async function trustedCertificates(environment: Environment, logger: Logger): Promise<readonly string[]> {
  try {
    return await loadTrustStore(environment);
  } catch (error) {
    logger.warn('only the built-in root certificates are trusted', { error });
    const { rootCertificates } = await import('node:tls');
    return rootCertificates;
  }
}
