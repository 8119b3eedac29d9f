import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { repository } from '../../../packer/repository.ts';
import type { ImageContent } from '../../cluster/images/image.ts';
import { loadImage } from '../../cluster/images/load.ts';
import { runCommand } from '../../run-command.ts';
import { buildFakeAgent } from '../build-fake-agent.ts';
import { findBusybox } from '../containers/busybox.ts';
import { containerAgent, executable } from '../executable.ts';

/**
 * The images of Pods in tests, made from files of this machine, because the cluster cannot pull any. The names with a
 * real registry are those in examples/kubernetes.
 */
export const images = {
  /** The image with the programs for init: the built orchestrator, and the fake agent. */
  runnerInit: 'docker.io/circleci/runner-init:test-agent',
  /** A job's image without files, only with /shared. */
  bare: 'localhost/bare:test',
  /** A job's image with a shell and its tools. */
  busybox: 'docker.io/library/busybox:1.37',
  /** The controller, and the collector of logs. */
  containerAgent: 'localhost/container-agent:test',
  /** An image whose program is for another architecture than the node's. */
  otherArchitecture: 'localhost/other-architecture:test',
  /** Node.js, for the runner API of the examples. */
  node: 'docker.io/library/node:26-alpine',
} as const;

/** EM_S390; elf(5) */
const machineOfS390 = 22;

const environment = ['PATH=/usr/local/bin:/bin'];

/** Makes all of them, and loads them into the cluster. @throws Error if a program is not built */
export async function loadTestImages(): Promise<void> {
  await loadImage(images.runnerInit, {
    files: { '/orchestrator': executable, '/circleci-agent': await buildFakeAgent() },
    entrypoint: ['/orchestrator', 'init'],
  });
  await loadImage(images.bare, { folders: { '/shared': 0o755 } });
  await loadImage(images.busybox, await busyboxImage());
  await loadImage(images.otherArchitecture, {
    files: { '/orchestrator': await writeForeignProgram() },
    entrypoint: ['/orchestrator', 'init'],
  });
  await loadImage(images.containerAgent, containerAgentImage);
  await loadImage(images.node, { files: await nodeFiles(), environment });
}

/** The built container-agent, with the user of its released image. */
export const containerAgentImage: ImageContent = {
  files: { '/container-agent': containerAgent },
  entrypoint: ['/container-agent'],
  user: '65532:65532',
};

/** A shell and its tools. */
export async function busyboxImage(): Promise<ImageContent> {
  const { program, tools } = await findBusybox();
  return {
    files: { '/bin/busybox': program },
    links: Object.fromEntries(tools.map((name) => [`/bin/${name}`, 'busybox'])),
    command: ['sh'],
    environment,
  };
}

/** The header of an ELF file for a machine that is no node's: execve(2) reads no further. */
async function writeForeignProgram(): Promise<string> {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16); // ET_EXEC
  header.writeUInt16LE(machineOfS390, 18);
  const path = join(repository, 'target', 'testing', 'foreign-program');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, header, { mode: 0o755 });
  return path;
}

/** The Node.js of this process, and the libraries that it is linked against, by their paths in the image. */
async function nodeFiles(): Promise<Record<string, string>> {
  const libraries = (await runCommand(['ldd', process.execPath])).match(/\/\S+/g) ?? [];
  return {
    '/usr/local/bin/node': process.execPath,
    ...Object.fromEntries(libraries.map((path) => [path, path])),
  };
}
