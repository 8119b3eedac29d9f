import { execFile } from 'node:child_process';
import { mkdir, mkdtempDisposable, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostArchitecture } from '../../../packer/architecture.ts';
import { downloadFolder, unpackPackage } from './packages.ts';

const run = promisify(execFile);

/** No test needs these, and they are the largest part. /tmp is left out because many images have none. */
const leftOut = [
  'dev/*',
  'tmp',
  'usr/share/doc',
  'usr/share/locale',
  'usr/share/man',
  'var/cache/apt',
  'var/lib/apt',
];

/**
 * Makes a Debian system of the release that this machine runs, with two programs that are popular as a
 * container's init. This takes a while and the network, and the result is kept for later runs.
 *
 * @returns a tar file
 * @throws Error with debootstrap's own messages
 */
export async function makeDebianTree(): Promise<string> {
  const release = await debianRelease();
  const file = join(downloadFolder, `debian-${release}-${hostArchitecture()}.tar`);
  if (await stat(file).catch(() => undefined)) return file;
  await mkdir(downloadFolder, { recursive: true });
  await using folder = await mkdtempDisposable(join(downloadFolder, 'debootstrap-'));
  await debootstrap(release, join(folder.path, 'tree'));
  const unfinished = join(folder.path, 'tree.tar');
  const excluded = leftOut.map((path) => `--exclude=./${path}`);
  await run('tar', ['-C', join(folder.path, 'tree'), ...excluded, '-cf', unfinished, '.']);
  await rename(unfinished, file);
  return file;
}

async function debootstrap(release: string, tree: string): Promise<void> {
  const installed = await unpackPackage('debootstrap');
  const program = join(installed, 'usr', 'sbin', 'debootstrap');
  const options = ['--variant=minbase', '--include=tini,dumb-init'];
  const variable = `DEBOOTSTRAP_DIR=${join(installed, 'usr', 'share', 'debootstrap')}`;
  await run('env', [variable, program, ...options, release, tree], { maxBuffer: 16 * 2 ** 20 });
}

async function debianRelease(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8');
  return /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] ?? 'stable';
}
