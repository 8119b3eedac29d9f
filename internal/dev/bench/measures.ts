import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { median } from '../median.ts';
import { readProc, statusField } from '../testing/proc.ts';
import type { RunningProgram } from '../testing/running-program.ts';
import { startProgram } from '../testing/start-program.ts';
import { accountMemory } from './account-memory.ts';
import { loadFile, nowMs, probeFile, type Subject, said, startProbe, timeOfEnd } from './subjects.ts';

const orphans = 10_000;

/** The figures of one run, by their names. */
export type Figures = Record<string, number>;

/** The time from the start to the probe's first instruction, and from the probe's end to the program's, ms. */
export async function startAndExit(subject: Subject): Promise<Figures> {
  await using run = await startProbe(subject, { verb: 'now' });
  const end = timeOfEnd(run);
  if (subject === 'node') return { start: (await end) - run.startedMs };
  const now = (await said(run, 'now_ns')) / 1e6;
  return { start: now - run.startedMs, exit: (await end) - now };
}

/** The start time and the idle memory with JSON log lines, which need another library. */
export async function withJson(): Promise<Figures> {
  const env = { CIRCLECI_GOAT_LOG_FORMAT: 'json' };
  await using run = await startProbe('orchestrator', { verb: 'now' }, { env });
  const startWithJson = (await said(run, 'now_ns')) / 1e6 - run.startedMs;
  await run.exited;
  await using resting = await startProbe('orchestrator', { verb: 'rest', number: 1 }, { env });
  await said(resting, 'ready');
  await pause(500);
  const anonymousWithJson = mebibytes(resting.pid, 'RssAnon');
  await resting.exited;
  return { startWithJson, anonymousWithJson };
}

/** The time to reap zombies that exist at the same time, ms. */
export async function drain(subject: Subject): Promise<Figures> {
  await using run = await startProbe(subject, { verb: 'drain', number: orphans });
  const drain = (await said(run, 'drained_ns')) / 1e6;
  await run.exited;
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

async function peakOf(subject: Subject, through: readonly string[]): Promise<number> {
  await using run = await startProbe(subject, { verb: 'stream', number: orphans }, { through });
  const peak = await said(run, 'peak');
  await run.exited;
  return peak;
}

/** The time from kill(2) to the handler, ms. */
export async function signal(subject: Subject): Promise<Figures> {
  const rounds = 5;
  await using run = await startProbe(subject, { verb: 'hear', number: rounds });
  await said(run, 'ready');
  await pause(300);
  const taken: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const sent = nowMs();
    run.signal('SIGUSR2');
    taken.push((await said(run, 'heard_ns', round)) / 1e6 - sent);
    await pause(20);
  }
  await run.exited;
  return { signal: median(taken) };
}

/** The context switches and CPU of two idle seconds, and the memory, once everything is quiet. */
export async function rest(subject: Subject): Promise<Figures> {
  await using account = await accountMemory();
  await using run = await startProbe(subject, { verb: 'rest', number: 4 }, { through: account?.enter ?? [] });
  await said(run, 'ready');
  await pause(1500);
  const before = activity(run.pid);
  await pause(2000);
  const after = activity(run.pid);
  const figures = {
    wakeups: (after.switches - before.switches) / 2,
    cpu: (after.cpuMs - before.cpuMs) / 2,
    anonymous: mebibytes(run.pid, 'RssAnon'),
    resident: mebibytes(run.pid, 'VmRSS'),
    ...(account && { charged: account.chargedBytes() / 2 ** 20 }),
  };
  await run.exited;
  return figures;
}

/** A field of /proc/PID/status, MiB. */
export function mebibytes(pid: number, field: string): number {
  return Number.parseInt(statusField(readProc(pid, 'status'), field), 10) / 1024;
}

function activity(pid: number): { switches: number; cpuMs: number } {
  const statuses = readThreads(pid, 'status');
  const switches = statuses.map((status) => Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]));
  return { switches: sum(switches), cpuMs: usedCpuMs(pid) };
}

/** The CPU time of a process until now, without threads that have ended, ms. */
export function usedCpuMs(pid: number): number {
  return sum(readThreads(pid, 'schedstat').map((text) => Number(text.split(' ')[0]) / 1e6));
}

/** A file of each thread of a process. */
function readThreads(pid: number, file: string): string[] {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).map((thread) => readFileSync(`${folder}/${thread}/${file}`, 'utf8'));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const requestsPerSecond = 1000;

/** The answer time of `/live` while nothing happens, ms. */
export async function liveAtRest(): Promise<Figures> {
  await using run = await startProbe('orchestrator', { verb: 'rest', number: 3 });
  const live = await slowestOf(run, () => pause(2000));
  await run.exited;
  return { live };
}

/** The answer time of `/live` while many orphans die, ms. */
export async function liveInStorm(): Promise<Figures> {
  await using run = await startProbe('orchestrator', { verb: 'storm', number: orphans });
  const liveInStorm = await slowestOf(run, () => said(run, 'peak'));
  await run.exited;
  return { liveInStorm };
}

/** The time that 99 of 100 requests to `/live` do not exceed, ms. */
async function slowestOf(run: RunningProgram, over: () => Promise<unknown>): Promise<number> {
  const { port } = new URL(await run.healthUrl());
  const asking = promisify(execFile)(loadFile, [port, String(requestsPerSecond)]);
  await over();
  asking.child.kill('SIGTERM');
  const { stdout } = await asking;
  return Number(/^p99_ns=(\d+)$/m.exec(stdout)?.[1]) / 1e6;
}

/** Bytes of stderr passed on, MB/s. */
export async function relay(subject: 'orchestrator' | 'cat'): Promise<Figures> {
  const flood = { verb: 'flood', number: 300_000_000 };
  const into = (command: string) => ['sh', '-c', `"$@" 2>&1 >/dev/null | ${command}`, probeFile];
  await using run =
    subject === 'cat'
      ? await startProgram([probeFile, flood.verb, String(flood.number)], {
          through: into('cat | "$0" sink'),
        })
      : await startProbe(subject, flood, { through: into('"$0" sink') });
  return { relay: (await said(run, 'bytes')) / ((await said(run, 'took_ns')) / 1e3) };
}
