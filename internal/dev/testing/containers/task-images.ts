import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type Architecture, hostArchitecture, machines } from '../../../packer/architecture.ts';
import { buildFakeAgent } from '../build-fake-agent.ts';
import { buildIntruder } from '../build-intruder.ts';
import { allSettled } from './all-settled.ts';
import { findBusybox } from './busybox.ts';
import { makeDebianTree } from './debian-tree.ts';
import { docker } from './docker.ts';
import { ImageTree, importTar } from './image-tree.ts';
import { buildMuslFiles } from './musl.ts';
import { unpackPackage } from './packages.ts';

const random = Buffer.from('This is no library.\n'.repeat(500));

/**
 * The images that tasks run in. None of them has a /tmp.
 *
 * - `scratch` has no files, `tini` has one
 * - `busybox` has a shell and its tools, all in one static program
 * - `musl` has a C library that is not glibc, and preloads a library of its own
 * - `broken-glibc` has files in place of the orchestrator's own libraries. None of them may be loaded
 * - `debian` is a system from debootstrap
 * - `sigint` and `sigquit` are `busybox` with another STOPSIGNAL
 */
type TaskImage = 'scratch' | 'tini' | 'busybox' | 'musl' | 'broken-glibc' | 'debian';

/** Builds them all, each as `<prefix>/<name>`. */
export async function buildTaskImages(prefix: string): Promise<void> {
  const builders: Record<TaskImage, (image: string) => Promise<void>> = {
    scratch: async (image) => fill(image, async () => {}),
    tini: async (image) => {
      const tini = join(await unpackPackage('tini'), 'usr', 'bin', 'tini-static');
      await fill(image, (tree) => tree.copy(tini, 'tini'));
    },
    busybox: async (image) => fill(image, addBusybox),
    musl: async (image) => fill(image, addMusl, ['ENV LD_PRELOAD=/usr/lib/preload.so']),
    'broken-glibc': async (image) => fill(image, addBrokenGlibc),
    debian: async (image) => importTar(image, createReadStream(await makeDebianTree())),
  };
  await allSettled(Object.entries(builders).map(([name, build]) => build(`${prefix}/${name}`)));
  for (const signal of ['SIGINT', 'SIGQUIT']) {
    const instructions = `FROM ${prefix}/busybox\nSTOPSIGNAL ${signal}\n`;
    await docker(['build', '--quiet', '--tag', `${prefix}/${signal.toLowerCase()}`, '-'], instructions);
  }
}

/**
 * Builds an image with the fake agent at the path of the real one in Dockerfile, for all these architectures.
 */
export async function buildAgentImage(image: string, architectures: readonly Architecture[]): Promise<void> {
  await fill(image, async (tree) => {
    for (const architecture of architectures) {
      const agent = await buildFakeAgent(architecture);
      await tree.copy(agent, `opt/circleci/linux/${architecture}/circleci-agent`);
    }
  });
}

async function fill(
  image: string,
  add: (tree: ImageTree) => Promise<void>,
  changes: readonly string[] = [],
): Promise<void> {
  await using tree = await ImageTree.create();
  await add(tree);
  await tree.importAs(image, changes);
}

async function addBusybox(tree: ImageTree): Promise<void> {
  const { program, tools } = await findBusybox();
  await tree.copy(program, 'bin/busybox');
  for (const name of tools) await tree.link(`bin/${name}`, 'busybox');
  await tree.write('entrypoint.sh', '#!/bin/sh\nexport SET_BY_ENTRYPOINT=yes\nexec "$@"\n', 0o755);
  await tree.write('plain-text', 'This is neither a script nor a program.\n', 0o755);
}

async function addMusl(tree: ImageTree): Promise<void> {
  await addBusybox(tree);
  for (const [path, file] of Object.entries(await buildMuslFiles())) await tree.copy(file, path);
}

async function addBrokenGlibc(tree: ImageTree): Promise<void> {
  await addBusybox(tree);
  const intruder = await buildIntruder();
  const machine = machines[hostArchitecture()];
  const folders = [
    'lib',
    'usr/lib',
    'usr/local/lib',
    `lib/${machine}-linux-gnu`,
    `usr/lib/${machine}-linux-gnu`,
  ];
  const loaded = [
    'libc.so.6',
    'libm.so.6',
    'libdl.so.2',
    'libpthread.so.0',
    'libgcc_s.so.1',
    'libatomic.so.1',
  ];
  const plugIns = ['libnss_files.so.2', 'libnss_dns.so.2', 'libnss_intruder.so.2', 'intruder.so'];
  for (const folder of folders) {
    for (const name of [...loaded, ...plugIns]) await tree.write(`${folder}/${name}`, intruder, 0o755);
    await tree.write(`${folder}/libstdc++.so.6`, random, 0o755);
  }
  for (const loader of ['lib64/ld-linux-x86-64.so.2', 'lib/ld-linux-aarch64.so.1']) {
    await tree.write(loader, random, 0o755);
  }
  await tree.write('etc/ld.so.preload', '/lib/intruder.so\n');
  await tree.write('etc/nsswitch.conf', 'hosts: intruder\npasswd: intruder\ngroup: intruder\n');
  for (const file of ['ld.so.cache', 'localtime', 'gai.conf', 'ssl/certs/ca-certificates.crt']) {
    await tree.write(`etc/${file}`, random);
  }
  const configuration = 'openssl_conf = broken\n.include /nowhere\n[broken]\nproviders = nowhere\n';
  for (const folder of ['etc/ssl', 'usr/lib/ssl', 'usr/local/ssl', 'usr/local/lib/ssl']) {
    await tree.write(`${folder}/openssl.cnf`, configuration);
  }
}
