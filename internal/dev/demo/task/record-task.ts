import { writeFile } from 'node:fs/promises';
import { listening, type RunningProgram } from '../../testing/running-program.ts';
import { say } from '../screen.ts';
import { type Probes, probeHealth } from './health-probe.ts';
import { attribute } from './pod-folders.ts';
import { agentStarted, type Recording } from './recording.ts';
import { type DemoTask, readinessFile, startDemoTask } from './start-demo-task.ts';

/** Runs a task, prints the events, and returns the observations. */
export async function recordTask(demo: DemoTask): Promise<Omit<Recording, 'requests'>> {
  await using task = await startDemoTask(demo);
  const now = () => Number(process.hrtime.bigint()) / 1e6 - task.startedMs;
  const lines: { at: number; text: string }[] = [];
  let exitedAt = 0;
  let readyAt: number | undefined;
  let evictedAt: number | undefined;
  let probing: Promise<Probes> = Promise.resolve({ answered: 0, failed: 0 });
  const over = new AbortController();
  void task.exited.then(() => {
    exitedAt = now();
    over.abort();
  });

  const onReady = () => {
    readyAt = now();
    void startServices(demo);
  };
  for await (const text of tellLines(task, demo)) {
    lines.push({ at: now(), text });
    const address = listening.exec(text)?.[1];
    if (address !== undefined) probing = probeHealth(address, over.signal, onReady);
    if (demo.scenario.evictAfter?.test(text)) {
      evictedAt = now();
      say('demo', 'the Pod is evicted: sends SIGTERM to the orchestrator');
      task.signal('SIGTERM');
    }
  }
  const { status: exitCode } = await task.exited;
  return { lines, probes: await probing, readyAt, evictedAt, exitedAt, exitCode };
}

/** Prints every line that the container prints, and passes on those of stdout. */
async function* tellLines(task: RunningProgram, { folders, scenario }: DemoTask): AsyncGenerator<string> {
  let child: 'entrypoint' | 'agent' = scenario.override ? 'entrypoint' : 'agent';
  const tellStderr = async () => {
    for await (const line of task.stderr.lines()) say(child, `${folders.shorten(line)}  (stderr)`);
  };
  const stderr = tellStderr();
  for await (const text of task.stdout.lines()) {
    const line = folders.shorten(text);
    if (agentStarted.test(line)) child = 'agent';
    say(...attribute(line, 'orchestrator', child));
    yield line;
  }
  await stderr;
}

/** Acts like the Pod's other containers when they are ready. */
async function startServices({ folders }: DemoTask): Promise<void> {
  say('demo', 'the service containers are up: writes the readiness file');
  await writeFile(readinessFile(folders), '');
}
