import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { cacheFolder } from '../variables.ts';
import { kubectl } from './kubectl.ts';
import { needGo } from './requirements.ts';
import { gatewayApiVersion } from './versions.ts';

/**
 * Installs the definitions of the Gateway API on a running cluster, including experimental ones such as TCPRoute. No
 * controller acts on their objects.
 */
export async function installGatewayApi(signal: AbortSignal): Promise<void> {
  needGo();
  const download = ['go', 'mod', 'download', '-json', `sigs.k8s.io/gateway-api@v${gatewayApiVersion}`];
  const { Dir } = JSON.parse(await runCommand(download, { cwd: cacheFolder('cluster'), signal }));
  await kubectl(['apply', '--server-side', '--kustomize', join(Dir, 'config', 'crd', 'experimental')]);
  const definitions = ['gatewayclasses', 'gateways', 'tcproutes'].map(
    (name) => `crd/${name}.gateway.networking.k8s.io`,
  );
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...definitions]);
}
