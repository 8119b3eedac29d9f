import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type Fifo, openFifo } from '../testing/open-fifo.ts';
import { commandPrefix, generations } from '../testing/pid-namespace.ts';
import { childrenOf } from '../testing/proc.ts';
import { Output } from './outputs.ts';
import type { Plan } from './plan.ts';
import type { ChildPlan } from './plan-children.ts';

export interface Programs {
  readonly executable: string;
  readonly fakeAgent: string;
}

export interface Identity {
  /** Task id and allocation. */
  readonly id: string;
  readonly token: string;
  /** Working directory, home and directory for temporary files. */
  readonly directory: string;
  readonly readinessFile: string;
  readonly apiUrl: string;
}

export type Exit = readonly [status: number | null, signal: NodeJS.Signals | null];

export interface StartedPlan {
  /** What this suite has started: the orchestrator or a wrapper around it. */
  readonly process: ChildProcess;
  /** From that process down to the orchestrator, which is the last. */
  readonly lineage: readonly number[];
  readonly stdout: Output;
  readonly stderr: Output;
  readonly exited: Promise<Exit>;
}

/** In the environment of all processes of a task. */
export function markerOf(id: string): readonly [name: string, value: string] {
  return ['TORTURE_TASK', id];
}

/** Starts a task as its plan says. */
export async function startPlan(
  plan: Plan,
  identity: Identity,
  { executable, fakeAgent, through }: Programs & { through: readonly string[] },
): Promise<StartedPlan> {
  const { id, directory } = identity;
  const flags = [
    '--health-check-addr=:0',
    `--log-format=${plan.logFormat}`,
    `--termination-grace-period=${plan.graceMs}ms`,
    `--shutdown-delay=${plan.delayMs}ms`,
  ];
  const prefix = await commandPrefix({ life: plan.life });
  const [file = '', ...args] = [...through, ...prefix, executable, 'run-task', ...flags];
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    TMPDIR: directory,
    CIRCLECI_GOAT_CONFIG: configOf(plan, identity, fakeAgent),
    ...Object.fromEntries([markerOf(id)]),
  };
  const fifos = plan.pipes === 'fifo' ? [openFifo(), openFifo()] : [];
  const [out = 'pipe', error = 'pipe'] = fifos.map(({ writeEnd }) => writeEnd);
  const child = spawn(file, args, { cwd: directory, env, stdio: ['ignore', out, error] });
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('exit', (...exit) => resolve(exit)).once('error', reject);
  });
  const lineage = findLineage(child, generations[plan.life]);
  for (const { writeEnd } of fifos) closeSync(writeEnd);
  return {
    process: child,
    exited,
    stdout: new Output(readerOf(fifos[0]) ?? needed(child.stdout), plan.readers.stdout),
    stderr: new Output(readerOf(fifos[1]) ?? needed(child.stderr), plan.readers.stderr),
    lineage: await lineage,
  };
}

function configOf(plan: Plan, identity: Identity, fakeAgent: string): string {
  const { id, token, readinessFile, apiUrl } = identity;
  const program = ({ end }: ChildPlan) => (end === 'refused' ? '/nonexistent/program' : fakeAgent);
  const { agent, entrypoint } = plan;
  return JSON.stringify({
    cmd: entrypoint === undefined ? [] : [program(entrypoint), ...entrypoint.script],
    user: plan.switchUser ? '12345:23456' : '',
    task_id: id,
    token,
    readiness_file_path: plan.readiness === 'none' ? '' : readinessFile,
    enable_unsafe_retries: plan.retries,
    task_agent_path: [program(agent), ...agent.script].join(' '),
    runner_api_base_url: apiUrl,
    allocation: id,
    max_run_time: 3_600_000_000_000,
  });
}

/** Each wrapper has one child, until the last one is the orchestrator. */
async function findLineage(child: ChildProcess, depth: number): Promise<number[]> {
  const lineage = [child.pid ?? 0];
  while (lineage.length <= depth && child.exitCode === null && child.signalCode === null) {
    const [next] = childrenOf(lineage.at(-1) ?? 0);
    if (next === undefined) await pause(1);
    else lineage.push(next);
  }
  return lineage;
}

function readerOf(fifo: Fifo | undefined): Readable | undefined {
  return fifo && new Socket({ fd: fifo.readEnd, readable: true, writable: false });
}

function needed(stream: Readable | null): Readable {
  if (stream === null) throw new Error('a child was started without its pipes');
  return stream;
}
