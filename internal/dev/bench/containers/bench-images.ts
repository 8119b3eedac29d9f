import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtempDisposable, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostArchitecture } from '../../../packer/architecture.ts';
import { docker } from '../../testing/containers/docker.ts';
import { labelsOf, removeRun } from '../../testing/containers/labels.ts';
import { downloadFolder, unpackPackage } from '../../testing/containers/packages.ts';
import { buildRunnerInit } from '../../testing/containers/product-images.ts';
import { buildAgentImage, buildTaskImages } from '../../testing/containers/task-images.ts';

const run = promisify(execFile);

/** The images that the measurements share. They are removed at the end. */
export interface BenchImages extends AsyncDisposable {
  /** An image of Debian with the orchestrator, with Node, and with a clock for both. */
  readonly debian: string;
  /** The product's own image, with busybox in addition. */
  readonly init: string;
  /** Options that mark a container as ours. */
  readonly labels: readonly string[];
}

/** Builds the images, with the Node that runs this program. */
export async function buildBenchImages(executable: string): Promise<BenchImages> {
  const prefix = `orchestrator-test-bench-${randomBytes(4).toString('hex')}`;
  const [debian, init, agent] = [`${prefix}/bench`, `${prefix}/init-and-cp`, `${prefix}/agent`];
  const images = {
    ...{ debian, init, labels: labelsOf(prefix) },
    [Symbol.asyncDispose]: () => removeRun(prefix),
  };
  try {
    await buildAgentImage(agent, [hostArchitecture()]);
    await buildTaskImages(prefix);
    await buildRunnerInit(`${prefix}/runner-init`, executable, agent);
    const busybox = join(await unpackPackage('busybox-static'), 'bin', 'busybox');
    await extend(init, `${prefix}/runner-init`, { busybox });
    await extend(debian, `${prefix}/debian`, {
      orchestrator: executable,
      node: process.execPath,
      'usr/lib/libatomic.so.1': await findLibrary('libatomic.so.1'),
      'spawn-agent.cjs': join(import.meta.dirname, 'spawn-agent.cjs'),
      clock: await compileClock(),
    });
    return images;
  } catch (error) {
    await removeRun(prefix);
    throw error;
  }
}

/** Makes an image from another one and some files of this machine. */
async function extend(image: string, base: string, files: Readonly<Record<string, string>>): Promise<void> {
  await using folder = await mkdtempDisposable(join(downloadFolder, 'context-'));
  const context = folder.path;
  const instructions = [`FROM ${base}`];
  for (const [index, [path, file]] of Object.entries(files).entries()) {
    await copyFile(file, join(context, `${index}`));
    instructions.push(`COPY ${index} /${path}`);
  }
  await writeFile(join(context, 'Dockerfile'), instructions.join('\n'));
  await docker(['build', '--quiet', '--tag', image, context]);
}

async function findLibrary(name: string): Promise<string> {
  const { stdout } = await run('gcc', [`-print-file-name=${name}`]);
  return realpath(stdout.trim());
}

async function compileClock(): Promise<string> {
  const output = join(downloadFolder, 'clock');
  await mkdir(downloadFolder, { recursive: true });
  await run('gcc', ['-O1', '-static', '-s', join(import.meta.dirname, 'clock.c'), '-o', output]);
  return output;
}
