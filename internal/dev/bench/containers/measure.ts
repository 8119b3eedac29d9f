import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { docker } from '../../testing/containers/docker.ts';
import { initLimits } from '../../testing/containers/limits.ts';
import { waitFor } from '../../testing/wait-for.ts';
import type { BenchImages } from './bench-images.ts';

const config = (agent: string) => `CIRCLECI_GOAT_CONFIG=${JSON.stringify({ task_agent_path: agent })}`;

/** The time from the start of a program in a container to its agent's first instruction, ms. */
export async function startToAgent(images: BenchImages, program: 'orchestrator' | 'node'): Promise<number> {
  const command = { orchestrator: ['/orchestrator', 'run-task'], node: ['/node', '/spawn-agent.cjs'] }[
    program
  ];
  const options = [
    ...images.labels,
    '--rm',
    '--network=none',
    '--env',
    config('/clock'),
    '--entrypoint=/clock',
  ];
  const output = await docker(['run', ...options, images.debian, ...command]);
  const [start, agent] = [...output.matchAll(/clock (\d+)/g)].map(([, ns]) => Number(ns) / 1e6);
  if (start === undefined || agent === undefined)
    throw new Error(`${program} did not start the agent: ${output}`);
  return agent - start;
}

/** The time that an init container with the default limits takes to copy both programs to a new volume, ms. */
export async function initContainer(images: BenchImages, program: 'orchestrator' | 'cp'): Promise<number> {
  const copy = ['/busybox', 'cp', '/orchestrator', '/circleci-agent', '/opt/circleci/bin'];
  const command = { orchestrator: ['/orchestrator', 'init'], cp: copy }[program];
  const [entrypoint = '', ...args] = command;
  const name = newName();
  const options = [...images.labels, ...initLimits, '--name', name, '--volume=/opt/circleci/bin'];
  try {
    await docker(['run', ...options, `--entrypoint=${entrypoint}`, images.init, ...args]);
    const state = '{{.State.StartedAt}} {{.State.FinishedAt}} {{.State.OOMKilled}}';
    const [started = '', finished = '', killed] = (await inspect(name, state)).split(' ');
    if (killed !== 'false') throw new Error(`a process of ${program} was killed for memory`);
    return Date.parse(finished) - Date.parse(started);
  } finally {
    await docker(['rm', '--force', '--volumes', name]);
  }
}

export interface MemoryAtRest {
  /** The process's own memory, MB. */
  readonly anonymous: number;
  /** All resident memory, including shared files and libraries, MB. */
  readonly resident: number;
}

/** The memory of the first process of a container once its agent has run for a while. */
export async function memoryAtRest(
  images: BenchImages,
  program: 'orchestrator' | 'node',
): Promise<MemoryAtRest> {
  const command = {
    orchestrator: ['/orchestrator', 'run-task'],
    node: ['/node', '/spawn-agent.cjs', 'forever'],
  }[program];
  const name = newName();
  const options = [
    ...images.labels,
    '--detach',
    '--network=none',
    '--name',
    name,
    '--env',
    config('/clock forever'),
  ];
  try {
    await docker(['run', ...options, images.debian, ...command]);
    await pause(settlingMs);
    const pid = await waitFor(
      `the process of ${name}`,
      async () => Number(await inspect(name, '{{.State.Pid}}')) || undefined,
    );
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    const field = (label: string) =>
      Number(new RegExp(`^${label}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1000;
    return { anonymous: field('Anonymous'), resident: field('Rss') };
  } finally {
    await docker(['rm', '--force', name]);
  }
}

/** The time until the runtime has finished its own work. */
const settlingMs = 3000;

function inspect(name: string, format: string): Promise<string> {
  return docker(['container', 'inspect', '--format', format, name]);
}

function newName(): string {
  return `orchestrator-test-bench-${randomBytes(4).toString('hex')}`;
}
