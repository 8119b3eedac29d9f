import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commandFor, nowMs, orchestrator, probe, type Subject, start, taskVariables } from './subjects.ts';

const orphans = 10_000;

/** Figures of one run, by the name of what is measured. */
export type Figures = Record<string, number>;

/** From the start to the probe's first instruction, and from its end to the program's, ms. */
export async function startAndExit(subject: Subject): Promise<Figures> {
  const run = start(subject, 'now');
  if (subject === 'node') return { start: (await run.ended) - run.startedMs };
  const now = (await run.said('now_ns')) / 1e6;
  return { start: now - run.startedMs, exit: (await run.ended) - now };
}

/** 10,000 zombies that are there at once, ms until none is; and the most at a time when they come one by one. */
export async function reap(subject: Subject): Promise<Figures> {
  const drained = start(subject, 'drain', orphans);
  const drain = (await drained.said('drained_ns')) / 1e6;
  await drained.ended;
  const streamed = start(subject, 'stream', orphans);
  const peak = await streamed.said('peak');
  await streamed.ended;
  return { drain, peak };
}

/** From kill(2) to the handler, ms. */
export async function signal(subject: Subject): Promise<Figures> {
  const rounds = 5;
  const run = start(subject, 'hear', rounds);
  await run.said('ready');
  await pause(300);
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const sent = nowMs();
    process.kill(run.pid, 'SIGUSR2');
    taken.push((await run.said('heard_ns')) / 1e6 - sent);
    await pause(20);
  }
  await run.ended;
  return { signal: median(taken) };
}

/** Context switches and CPU in two seconds of nothing, and memory, once all is quiet. */
export async function rest(subject: Subject): Promise<Figures> {
  const run = start(subject, 'rest', 5);
  await run.said('ready');
  await pause(2000);
  const before = activity(run.pid);
  await pause(2000);
  const after = activity(run.pid);
  const status = readFileSync(`/proc/${run.pid}/status`, 'utf8');
  const megabytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1]) / 1024;
  const figures = {
    wakeups: (after.switches - before.switches) / 2,
    cpu: (after.cpuMs - before.cpuMs) / 2,
    anonymous: megabytes('RssAnon'),
    resident: megabytes('VmRSS'),
  };
  await run.ended;
  return figures;
}

function activity(pid: number): { switches: number; cpuMs: number } {
  let [switches, cpuMs] = [0, 0];
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    switches += Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]);
    cpuMs += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  }
  return { switches, cpuMs };
}

/** Bytes of stderr passed on, MB/s. */
export async function relay(subject: 'orchestrator' | 'cat'): Promise<Figures> {
  const bytes = 300_000_000;
  const flood =
    subject === 'cat'
      ? `${probe} flood ${bytes} 2>&1 >/dev/null | cat`
      : `${commandFor('orchestrator', 'flood').join(' ')} 2>&1 >/dev/null`;
  const { stdout } = await promisify(execFile)('sh', ['-c', `${flood} | ${probe} sink`], {
    env: { PATH: process.env.PATH, ...taskVariables('flood', bytes), ORCHESTRATOR: orchestrator },
    timeout: 60_000,
  });
  const value = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(stdout)?.[1]);
  return { relay: value('bytes') / (value('took_ns') / 1e3) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
