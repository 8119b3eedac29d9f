import { listen } from '#platform/internal/health/listener';
import { connectionLimits } from '../../internal/health/connections.ts';
import type { Readiness } from '../../internal/health/responses.ts';
import { HealthServer } from '../../internal/health/server.ts';
import { version } from '../../internal/version.ts';
import type { Metrics } from '../../runner/metrics/metrics.ts';

/**
 * Serves `/live`, `/ready` and `/metrics`.
 *
 * @throws Failure 'health-server', or 'usage' if the address is not valid
 */
export async function serveHealth(
  address: string,
  readiness: () => Readiness,
  metrics: Metrics,
): Promise<HealthServer> {
  const health = {
    component: { name: 'container-agent', version },
    readiness,
    pages: { '/metrics': { contentType: metrics.contentType, text: () => metrics.text() } },
  };
  return new HealthServer(await listen(address), health, connectionLimits());
}
