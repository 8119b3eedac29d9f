import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../../packer/repository.ts';
import { updatePackageLists } from '../../update-package-lists.ts';

const run = promisify(execFile);

/** The container tests keep expensive downloads here. `./do clean` removes them. */
export const downloadFolder = join(repository, 'target', 'testing', 'containers');

/** Images that are made at the same time need the same packages. */
const underWay = new Map<string, Promise<string>>();

/**
 * Downloads a Debian package and unpacks it below target/, unless that is done already. It does not install
 * the package.
 *
 * @returns the folder with its files
 * @throws Error with apt's own messages
 */
export function unpackPackage(name: string): Promise<string> {
  const unpacking = underWay.get(name) ?? unpack(name);
  underWay.set(name, unpacking);
  return unpacking;
}

async function unpack(name: string): Promise<string> {
  const folder = join(downloadFolder, 'packages', name);
  if ((await readdir(folder).catch(() => [])).length > 0) return folder;
  const unfinished = `${folder}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await download(name, unfinished);
  const [file = ''] = await readdir(unfinished);
  const content = join(unfinished, 'content');
  await run('dpkg-deb', ['--extract', join(unfinished, file), content]);
  await rename(content, folder).catch(async (error: unknown) => {
    if ((await readdir(folder).catch(() => [])).length === 0) throw error; // Another run may have been faster.
  });
  await rm(unfinished, { recursive: true });
  return folder;
}

/** A new machine has no package lists, but root can get them. */
async function download(name: string, folder: string): Promise<void> {
  const attempt = () => run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', name], { cwd: folder });
  await attempt().catch(async () => {
    await updatePackageLists(() => run('env', ['LC_ALL=C', 'apt-get', 'update', '-qq']));
    await attempt();
  });
}
