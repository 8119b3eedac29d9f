import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '../lock.ts';
import { runCommand } from '../run-command.ts';
import { cacheFolder, wholeEnvironment } from '../variables.ts';
import { type GoModuleFile, writeGoModuleFile } from './go-module-file.ts';
import { needGo } from './requirements.ts';
import { corednsVersion, kubernetesVersion } from './versions.ts';

const goSource = join(import.meta.dirname, 'kubernetes', 'main.go');
const pauseSource = join(import.meta.dirname, 'pause.c');

/** The names under which one program is all of them. */
const names = [
  'coredns',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
] as const;

/** The folder for the programs of this version and these sources. */
function programsFolder(): string {
  const sources = createHash('sha256').update(corednsVersion);
  for (const file of [goSource, pauseSource]) sources.update(readFileSync(file));
  return join(cacheFolder('cluster'), `kubernetes-${kubernetesVersion}-${sources.digest('hex').slice(0, 8)}`);
}

/**
 * Builds the programs of Kubernetes and the pause program, unless they exist.
 *
 * @param report called with the reason why it takes long
 * @returns their folder
 * @throws Error with the compiler's own messages, or the signal's reason
 */
export async function buildComponents(report: (what: string) => void, signal: AbortSignal): Promise<string> {
  const folder = programsFolder();
  await using _ = await acquireLock('build-components', signal, () => report('waits for another build'));
  if (existsSync(folder)) return folder;
  needGo();
  report(`builds Kubernetes ${kubernetesVersion} from its sources: some minutes, once a machine`);
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    await mkdir(unfinished, { recursive: true });
    await buildKubernetes(unfinished, signal);
    for (const name of names) await symlink('kubernetes', join(unfinished, name));
    await buildPause(unfinished);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

async function buildKubernetes(folder: string, signal: AbortSignal): Promise<void> {
  const version = `v${kubernetesVersion}`;
  const env = { ...wholeEnvironment, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOWORK: 'off' };
  const go = (...args: string[]) => runCommand(['go', ...args], { env, cwd: folder, signal });
  const { GoMod } = JSON.parse(await go('mod', 'download', '-json', `k8s.io/kubernetes@${version}`));
  const ofKubernetes: GoModuleFile = JSON.parse(await go('mod', 'edit', '-json', GoMod));
  const versions = { kubernetes: kubernetesVersion, coredns: corednsVersion };
  await writeFile(join(folder, 'go.mod'), writeGoModuleFile(versions, ofKubernetes));
  await copyFile(goSource, join(folder, 'main.go'));
  // Clients and servers check each other's version, and a build of our own has none.
  const variables = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const flags = ['-s', '-w', ...variables.map((name) => `-X ${name}.gitVersion=${version}`)];
  await go('build', '-trimpath', '-buildvcs=false', '-ldflags', flags.join(' '), '-o', 'kubernetes', '.');
}

async function buildPause(folder: string): Promise<void> {
  const options = ['-std=gnu17', '-O1', '-Wall', '-Wextra', '-Werror', '-static', '-s'];
  await runCommand(['gcc', ...options, pauseSource, '-o', join(folder, 'pause')]);
}
