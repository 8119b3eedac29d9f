import { writeFile } from 'node:fs/promises';
import type { ReceivedRequest } from '../runner-api/received-requests.ts';
import { type Probes, probeHealth } from './health-probe.ts';
import { findProgram } from './pid-namespace.ts';
import { say } from './screen.ts';
import { attribute } from './stage.ts';
import { readinessFile, startTask, type TaskSetup } from './task-process.ts';

/** What the demo has seen of a task; times in ms from the start of its process. */
export interface Observation {
  readonly lines: readonly { readonly at: number; readonly text: string }[];
  readonly probes: Probes;
  /** When /ready first answered 200. */
  readonly readyAt: number | undefined;
  readonly evictedAt: number | undefined;
  readonly exitedAt: number;
  readonly exitCode: number | undefined;
  /** What the runner API received. */
  readonly requests: readonly ReceivedRequest[];
}

/** When a line like this was printed, or undefined. */
export function timeOf({ lines }: Observation, pattern: RegExp): number | undefined {
  return lines.find(({ text }) => pattern.test(text))?.at;
}

/** The number that the pattern's group finds in the first line like this, or undefined. */
export function numberIn({ lines }: Observation, pattern: RegExp): number | undefined {
  const found = lines.map(({ text }) => pattern.exec(text)?.[1]).find((text) => text !== undefined);
  return found === undefined ? undefined : Number(found);
}

/** Runs a task, tells what happens meanwhile, and returns what was seen. */
export async function observeTask(setup: TaskSetup): Promise<Omit<Observation, 'requests'>> {
  const start = performance.now();
  const now = () => performance.now() - start;
  const lines: { at: number; text: string }[] = [];
  let exitedAt = 0;
  let readyAt: number | undefined;
  let evictedAt: number | undefined;
  let probing: Promise<Probes> = Promise.resolve({ answered: 0, failed: 0 });
  const over = new AbortController();
  const task = startTask(setup);
  task.nodeChildProcess.once('exit', () => {
    exitedAt = now();
    over.abort();
  });

  const onReady = () => {
    readyAt = now();
    void startServices(setup);
  };
  for await (const text of tellLines(task, setup)) {
    lines.push({ at: now(), text });
    const address = listening.exec(text)?.[1];
    if (address !== undefined) probing = probeHealth(address, over.signal, onReady);
    if (setup.scenario.evictAfter?.test(text)) {
      evictedAt = now();
      evict(setup, task.pid);
    }
  }
  const { exitCode } = await task;
  return { lines, probes: await probing, readyAt, evictedAt, exitedAt, exitCode };
}

export const listening = / server: new-server admin app\.address=(\S+)/;
export const agentStarted = /^started as PID \d+ by PID (\d+)/;

/** Prints every line that the container prints, and passes on those of stdout. */
async function* tellLines(
  task: ReturnType<typeof startTask>,
  { stage, scenario }: TaskSetup,
): AsyncGenerator<string> {
  let child: 'entrypoint' | 'agent' = scenario.override ? 'entrypoint' : 'agent';
  const tellStderr = async () => {
    for await (const line of task.iterable({ from: 'stderr' })) {
      say(child, `${stage.shorten(String(line))}  (stderr)`);
    }
  };
  const stderr = tellStderr();
  for await (const text of task.iterable()) {
    const line = stage.shorten(String(text));
    if (agentStarted.test(line)) child = 'agent';
    say(...attribute(line, 'orchestrator', child));
    yield line;
  }
  await stderr;
}

/** What the Pod's other containers do when they are ready. */
async function startServices({ stage }: TaskSetup): Promise<void> {
  say('demo', 'the service containers are up: writes the readiness file');
  await writeFile(readinessFile(stage), '');
}

/** What the kubelet does when a Pod is to go. */
function evict({ namespace }: TaskSetup, pid: number | undefined): void {
  say('demo', 'the Pod is evicted: sends SIGTERM to the orchestrator');
  if (pid !== undefined) process.kill(findProgram(namespace, pid), 'SIGTERM');
}
