import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { acquireLock } from '../lock.ts';
import { runCommand } from '../run-command.ts';
import { unshare } from '../testing/namespaces.ts';
import { cacheFolder } from '../variables.ts';
import { makeDisk } from './make-disk.ts';
import { Packages } from './packages.ts';

/** What a virtual machine boots: two files that nobody changes. */
export interface MachineImage {
  readonly kernel: string;
  /** The disk with its root file system. */
  readonly root: string;
}

/** The oldest release whose policy for SELinux knows containers. */
const release = 'trixie';
const kernelPackage = 'linux-image-cloud-amd64';
const packages = [
  'apparmor',
  'base-files',
  'busybox-static',
  'policycoreutils',
  'runc',
  'selinux-policy-default',
];
/** Everything else that the machine needs is part of this kernel. In the order of their dependencies. */
const modules = ['virtio_blk', 'failover', 'net_failover', 'virtio_net'];
const rootMebibytes = 256;
/** What apparmor_parser(8) needs of /usr/share: what AppArmor could do when profiles like ours were written. */
const apparmorFeatures = 'apparmor-features';

const guest = join(import.meta.dirname, 'guest');

/**
 * Makes the image of Debian's packages, unless it is there. Every checkout of this machine shares it.
 *
 * @param report is told why it takes long
 * @throws Error with the messages of the program that failed, or the signal's reason
 */
export async function buildImage(report: (what: string) => void, signal: AbortSignal): Promise<MachineImage> {
  const folder = join(cacheFolder('vm'), `${release}-${hashOfSources()}`);
  const image = { kernel: join(folder, 'vmlinuz'), root: join(folder, 'root.ext4') };
  await using _ = await acquireLock('build-vm-image', signal, () => report('waits for another build'));
  if (existsSync(folder)) return image;
  report('makes the image of a virtual machine of Debian’s packages: two minutes, once a machine');
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    const work = join(unfinished, 'work');
    await mkdir(work, { recursive: true });
    await build(work, { kernel: join(unfinished, 'vmlinuz'), root: join(unfinished, 'root.ext4') }, signal);
    await rm(work, { recursive: true });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return image;
}

/** Changes with everything that decides what the image is. */
function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(join(import.meta.dirname, '{guest/*,build-image.ts,packages.ts}')).toSorted()) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 8);
}

async function build(work: string, image: MachineImage, signal: AbortSignal): Promise<void> {
  const [tree, kernel] = [join(work, 'tree'), join(work, 'kernel')];
  const debian = await Packages.open(join(work, 'apt'), release, signal);
  await debian.unpack(packages, tree);
  await debian.unpackAlone(kernelPackage, kernel);
  await takeKernel(kernel, tree, image.kernel);
  await addGuest(tree);
  await buildPolicy(tree, signal);
  await makeDisk(tree, image.root, rootMebibytes, signal);
}

async function takeKernel(unpacked: string, tree: string, kernel: string): Promise<void> {
  const [file = ''] = globSync(join(unpacked, 'boot', 'vmlinuz-*'));
  await copyFile(file, kernel);
  await mkdir(join(tree, 'lib', 'modules'), { recursive: true });
  for (const name of modules) {
    const [module = ''] = globSync(
      join(unpacked, 'usr', 'lib', 'modules', '*', 'kernel', '**', `${name}.ko.xz`),
    );
    await copyFile(module, join(tree, 'lib', 'modules', basename(module)));
  }
}

/** Busybox is the shell and the tools of the node, and of the containers' image. */
async function addGuest(tree: string): Promise<void> {
  const image = join(tree, 'image');
  const folders = ['dev', 'proc', 'run', 'sys', 'tmp', 'volume'].map((name) => join(tree, name));
  const ofImage = ['bin', 'dev', 'proc', 'sys', 'tmp', 'opt/circleci/bin'].map((name) => join(image, name));
  for (const folder of [...folders, ...ofImage]) await mkdir(folder, { recursive: true });
  const busybox = join(tree, 'bin', 'busybox');
  await copyFile(busybox, join(image, 'bin', 'busybox'));
  for (const tool of (await runCommand([busybox, '--list'])).trim().split('\n')) {
    for (const folder of [join(tree, 'bin'), join(image, 'bin')]) {
      if (!existsSync(join(folder, tool))) await symlink('/bin/busybox', join(folder, tool));
    }
  }
  const init = join(tree, 'sbin', 'init');
  await copyFile(join(guest, 'init.sh'), init);
  await chmod(init, 0o755);
  await copyFile(join(guest, 'node-profiles'), join(tree, 'etc', 'apparmor.d', 'node-profiles'));
}

/** Debian's policy, with types of our own. */
async function buildPolicy(tree: string, signal: AbortSignal): Promise<void> {
  const configuration = join(tree, 'etc', 'selinux');
  await copyFile(join(guest, 'node-labels'), join(configuration, 'node-labels'));
  await copyFile(join(guest, 'node.cil'), join(tree, 'tmp', 'node.cil'));
  await writeFile(join(configuration, 'config'), 'SELINUX=permissive\nSELINUXTYPE=default\n');
  const policies = globSync(join(tree, 'usr/share/selinux/default/*.pp.bz2')).map((file) =>
    file.slice(tree.length),
  );
  const inTree = [...unshare(), 'chroot', tree];
  await runCommand([...inTree, 'semodule', '--noreload', '--install', ...policies, '/tmp/node.cil'], {
    signal,
  });
  const shared = globSync(join(tree, 'usr/share/*')).filter(
    (folder) => basename(folder) !== apparmorFeatures,
  );
  for (const leftOver of [...shared, join(tree, 'var'), join(tree, 'tmp/node.cil')]) {
    await rm(leftOver, { recursive: true, force: true });
  }
}
