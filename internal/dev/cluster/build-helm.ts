import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from '../lock.ts';
import { runCommand } from '../run-command.ts';
import { cacheFolder, wholeEnvironment } from '../variables.ts';
import { needGo } from './requirements.ts';
import { helmVersion } from './versions.ts';

/**
 * Builds helm, unless it exists.
 *
 * @param report called with the reason why it takes long
 * @returns the path of the program
 */
export async function buildHelm(report: (what: string) => void, signal: AbortSignal): Promise<string> {
  const folder = join(cacheFolder('cluster'), `helm-${helmVersion}`);
  const helm = join(folder, 'helm');
  await using _ = await acquireLock('build-helm', signal, () => report('waits for another build'));
  if (existsSync(helm)) return helm;
  needGo();
  report(`builds helm ${helmVersion} from its sources: some minutes, once a machine`);
  const env = { ...wholeEnvironment, GOBIN: folder, CGO_ENABLED: '0' };
  const flags = `-s -w -X helm.sh/helm/v3/internal/version.version=v${helmVersion}`;
  const module = `helm.sh/helm/v3/cmd/helm@v${helmVersion}`;
  await runCommand(['go', 'install', '-trimpath', '-ldflags', flags, module], { env, signal });
  return helm;
}
