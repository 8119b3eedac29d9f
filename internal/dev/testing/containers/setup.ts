import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { hostArchitecture } from '../../../packer/architecture.ts';
import { containerAgent, executable } from '../executable.ts';
import { allSettled } from './all-settled.ts';
import { docker } from './docker.ts';
import { engineAnswers } from './engine.ts';
import { labelsOf, removeAbandonedRuns, removeRun } from './labels.ts';
import { initLimits } from './limits.ts';
import { buildContainerAgent, buildRunnerInit } from './product-images.ts';
import { buildAgentImage, buildTaskImages } from './task-images.ts';

/** The things that all container tests of a run share. */
export interface ContainerTests {
  /** Every name in these tests starts with it. Images are `<prefix>/<name>`. */
  readonly prefix: string;
  /** The process that removes everything at the end. */
  readonly owner: number;
  readonly network: string;
  /** This machine's address in that network. */
  readonly gateway: string;
  /** A volume with both programs, made by the product's own image. */
  readonly programs: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    containers: ContainerTests;
  }
}

/** Called by vitest before the first of the container tests. @throws Error if no Docker engine answers */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!engineAnswers())
    throw new Error('CONTAINER_TESTS=required, but no Docker engine answers: see `docker version`');
  await removeAbandonedRuns();
  const prefix = `orchestrator-test-${randomBytes(4).toString('hex')}`;
  try {
    project.provide('containers', await build(prefix));
  } catch (error) {
    await removeRun(prefix);
    throw error;
  }
  return () => removeRun(prefix);
}

async function build(prefix: string): Promise<ContainerTests> {
  const network = `${prefix}-network`;
  const programs = `${prefix}-programs`;
  await docker(['network', 'create', ...labelsOf(prefix), network]);
  await docker(['volume', 'create', ...labelsOf(prefix), programs]);
  await allSettled([
    buildTaskImages(prefix),
    buildPrograms(prefix, programs),
    buildContainerAgent(`${prefix}/container-agent`, containerAgent),
  ]);
  const gateway = await docker(['network', 'inspect', '-f', '{{(index .IPAM.Config 0).Gateway}}', network]);
  return { prefix, owner: process.pid, network, gateway, programs };
}

async function buildPrograms(prefix: string, volume: string): Promise<void> {
  await buildAgentImage(`${prefix}/agent`, [hostArchitecture()]);
  await buildRunnerInit(`${prefix}/runner-init`, executable, `${prefix}/agent`);
  const mount = ['--volume', `${volume}:/opt/circleci/bin`];
  await docker(['run', '--rm', ...labelsOf(prefix), ...initLimits, ...mount, `${prefix}/runner-init`]);
}
