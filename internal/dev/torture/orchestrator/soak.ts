import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { startFakeRunnerApi } from '../../runner-api/fake-runner-api.ts';
import { readProc, statusField, zombiesOf } from '../../testing/proc.ts';
import type { RunningProgram } from '../../testing/running-program.ts';
import { startOrchestrator } from '../../testing/start-orchestrator.ts';
import { taskConfig } from '../../testing/task-config.ts';
import { wholeNumber } from '../../whole-number.ts';
import { measureGrowth, type Sample } from './growth.ts';
import { abuseHealth, probe } from './health-abuse.ts';

const samplesPerSecond = 5;
/** Kubernetes probes every 10 s by default: 360 times an hour. */
const probesPerSimulatedHour = 360;
const probeLimitMs = 10_000;
const signals = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCHLD'] as const;

/**
 * Runs one orchestrator with a job that starts processes all the time. The orchestrator's resources must not
 * grow.
 */
async function soak(seconds: number): Promise<boolean> {
  await using api = await startFakeRunnerApi();
  const config = taskConfig({
    task_agent_path: join(import.meta.dirname, 'fixtures', 'churn.sh'),
    runner_api_base_url: api.url,
  });
  const flags = ['--termination-grace-period=0s'];
  await using orchestrator = await startOrchestrator(config, { flags, stderr: 'forgets' });
  const samples = await live(orchestrator, seconds);
  orchestrator.signal('SIGTERM');
  const { status } = await orchestrator.exited;
  return report(samples, orchestrator.stdout.text, status === 0 && api.requests.length === 1);
}

async function live(orchestrator: RunningProgram, seconds: number): Promise<Sample[]> {
  await orchestrator.printed(/task agent started/);
  const port = Number(new URL(await orchestrator.healthUrl()).port);
  const samples: Sample[] = [];
  const never = new AbortController().signal;
  for (let count = 0; count < seconds * samplesPerSecond; count++) {
    const start = performance.now();
    const answer = await probe(port, probeLimitMs, never);
    if (answer !== 'live') throw new Error(`the health check is ${answer} after ${count} of them`);
    samples.push({ answerMs: performance.now() - start, ...measure(orchestrator.pid) });
    orchestrator.signal(signals[count % signals.length] ?? 'SIGHUP');
    if (count % 25 === 24) void abuseHealth(port, 'slowloris', 50, 1000);
    await pause(1000 / samplesPerSecond);
  }
  return samples;
}

function measure(pid: number): Omit<Sample, 'answerMs'> {
  const status = readProc(pid, 'status');
  return {
    memoryKib: Number.parseInt(statusField(status, 'RssAnon'), 10),
    threads: Number(statusField(status, 'Threads')),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    zombies: zombiesOf(pid),
  };
}

function report(samples: readonly Sample[], log: string, endedWell: boolean): boolean {
  const steps = log.match(/^step \d+$/gm)?.length ?? 0;
  const hours = (samples.length / probesPerSimulatedHour).toFixed(1);
  console.log(`${steps} steps of a job; ${samples.length} health checks, as of ${hours} hours`);
  console.log(
    `memory, KiB: ${samples
      .filter((_, index) => index % 25 === 0)
      .map(({ memoryKib }) => memoryKib)
      .join(' ')}`,
  );
  const growth = measureGrowth(samples);
  for (const { of, before, after, isFlat } of growth) {
    console.log(`  ${of.padEnd(12)} ${before.toFixed(1)} -> ${after.toFixed(1)}${isFlat ? '' : '  GROWS'}`);
  }
  if (!endedWell) console.error('it did not end with one call to the runner API and status 0');
  return endedWell && growth.every(({ isFlat }) => isFlat);
}

const { seconds } = new Command('soak')
  .option('--seconds <N>', 'the length of the job', wholeNumber(1), 180)
  .parse()
  .opts<{ seconds: number }>();
process.exitCode = (await soak(seconds)) ? 0 : 1;
