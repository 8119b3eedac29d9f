import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { executable } from '../testing/executable.ts';
import { makeMemoryCgroup } from './memory-cgroup.ts';
import {
  commandFor,
  load,
  nowMs,
  probe,
  type Started,
  type Subject,
  start,
  taskVariables,
} from './subjects.ts';

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

const variables = { CIRCLECI_GOAT_LOG_FORMAT: 'json' };

/** The start and the memory at rest with log lines as JSON, for which another library is loaded. */
export async function withJson(): Promise<Figures> {
  const run = start('orchestrator', 'now', 0, { variables });
  const startWithJson = (await run.said('now_ns')) / 1e6 - run.startedMs;
  await run.ended;
  const resting = start('orchestrator', 'rest', 1, { variables });
  await resting.said('ready');
  await pause(500);
  const anonymousWithJson = megabytes(resting.pid, 'RssAnon');
  await resting.ended;
  return { startWithJson, anonymousWithJson };
}

/** 10,000 zombies that are there at once, ms until none is. */
export async function drain(subject: Subject): Promise<Figures> {
  const run = start(subject, 'drain', orphans);
  const drain = (await run.said('drained_ns')) / 1e6;
  await run.ended;
  return { drain };
}

/** The most zombies at a time when they come one by one. */
export async function stream(subject: Subject): Promise<Figures> {
  return { peak: await peakOf(subject, []) };
}

/** The same at ordinary priority, whatever this process has. */
export async function ordinaryStream(subject: Subject): Promise<Figures> {
  return { ordinaryPeak: await peakOf(subject, ['chrt', '--other', '0']) };
}

async function peakOf(subject: Subject, wrapper: readonly string[]): Promise<number> {
  const run = start(subject, 'stream', orphans, { wrapper });
  const peak = await run.said('peak');
  await run.ended;
  return peak;
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
  const cgroup = makeMemoryCgroup(`orchestrator-bench-${process.pid}-${subject}`);
  try {
    const run = start(subject, 'rest', 4, { wrapper: cgroup?.wrapper });
    await run.said('ready');
    await pause(1500);
    const before = activity(run.pid);
    await pause(2000);
    const after = activity(run.pid);
    const figures = {
      wakeups: (after.switches - before.switches) / 2,
      cpu: (after.cpuMs - before.cpuMs) / 2,
      anonymous: megabytes(run.pid, 'RssAnon'),
      resident: megabytes(run.pid, 'VmRSS'),
      ...(cgroup && { charged: cgroup.chargedBytes() / 2 ** 20 }),
    };
    await run.ended;
    return figures;
  } finally {
    await cgroup?.remove();
  }
}

function megabytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1]) / 1024;
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

const requestsPerSecond = 1000;

/** `/live` while nothing happens, ms. */
export async function liveAtRest(): Promise<Figures> {
  const run = start('orchestrator', 'rest', 3);
  const live = await slowestOf(run, () => pause(2000));
  await run.ended;
  return { live };
}

/** `/live` while 10,000 orphans die, ms. */
export async function liveInStorm(): Promise<Figures> {
  const run = start('orchestrator', 'storm', orphans);
  const liveInStorm = await slowestOf(run, () => run.said('peak'));
  await run.ended;
  return { liveInStorm };
}

/** What 99 of 100 requests to `/live` do not exceed, ms. */
async function slowestOf(run: Started, over: () => Promise<unknown>): Promise<number> {
  const port = await run.healthPort();
  const asking = promisify(execFile)(load, [String(port), String(requestsPerSecond)]);
  await over();
  asking.child.kill('SIGTERM');
  const { stdout } = await asking;
  return valueIn(stdout, 'p99_ns') / 1e6;
}

function valueIn(output: string, name: string): number {
  return Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(output)?.[1]);
}

/** Bytes of stderr passed on, MB/s. */
export async function relay(subject: 'orchestrator' | 'cat'): Promise<Figures> {
  const bytes = 300_000_000;
  const flood =
    subject === 'cat'
      ? `${probe} flood ${bytes} 2>&1 >/dev/null | cat`
      : `${commandFor('orchestrator', 'flood').join(' ')} 2>&1 >/dev/null`;
  const { stdout } = await promisify(execFile)('sh', ['-c', `${flood} | ${probe} sink`], {
    env: { PATH: process.env.PATH, ...taskVariables('flood', bytes), ORCHESTRATOR: executable },
    timeout: 60_000,
  });
  return { relay: valueIn(stdout, 'bytes') / (valueIn(stdout, 'took_ns') / 1e3) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
