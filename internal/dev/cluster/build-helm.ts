import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from './lock.ts';
import { cacheFolder } from './places.ts';
import { runCommand } from './run-command.ts';
import { helmVersion } from './versions.ts';

/**
 * Builds helm, unless it is there.
 *
 * @param report is told why it takes long
 * @returns the path of the program
 */
export async function buildHelm(report: (what: string) => void, signal: AbortSignal): Promise<string> {
  const folder = join(cacheFolder(), `helm-${helmVersion}`);
  const helm = join(folder, 'helm');
  await using _ = await acquireLock('build-helm', signal, () => report('waits for another build'));
  if (existsSync(helm)) return helm;
  report(`builds helm ${helmVersion} from its sources: some minutes, once a machine`);
  const env = { ...process.env, GOBIN: folder, CGO_ENABLED: '0' };
  await runCommand(['go', 'install', '-trimpath', `helm.sh/helm/v3/cmd/helm@v${helmVersion}`], {
    env,
    signal,
  });
  return helm;
}
