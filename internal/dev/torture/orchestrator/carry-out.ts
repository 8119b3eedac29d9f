import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempDisposableSync, readdirSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { atMost } from '../../../delay.ts';
import type { FakeRunnerApi } from '../../runner-api/fake-runner-api.ts';
import type { ReceivedRequest } from '../../runner-api/received-requests.ts';
import type { Output } from '../../testing/output.ts';
import { killProcessesWith, readProc } from '../../testing/proc.ts';
import type { RunningProgram } from '../../testing/running-program.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { Disturber } from './disturber.ts';
import type { Observation, ObservedRequest } from './observation.ts';
import type { Plan } from './plan.ts';
import type { StallClock } from './stall-clock.ts';
import { startPlan, type TaskIdentity } from './start-plan.ts';
import { enterSurrounding } from './surroundings.ts';
import { describeProcess, TaskProcesses } from './task-processes.ts';

/** The things that all tasks of a run share. */
export interface Suite {
  readonly fakeAgent: string;
  readonly api: FakeRunnerApi;
  /** The listeners for the requests of a task, by its id. */
  readonly listeners: Map<string, (request: ReceivedRequest) => void>;
  readonly stalls: StallClock;
}

const lateMs = 150;
const outputLimitMs = 10_000;

/**
 * Runs one task as its plan says, and watches it from outside. Afterwards nothing of the task is left.
 *
 * @param hangMs a task counts as hung after this time
 */
export async function carryOut(plan: Plan, hangMs: number, suite: Suite): Promise<Observation> {
  const id = randomBytes(8).toString('hex');
  using folder = mkdtempDisposableSync(join(tmpdir(), 'torture-'));
  const directory = folder.path;
  chmodSync(directory, 0o777);
  const token = `token-${id}-${randomBytes(12).toString('hex')}`;
  const identity = { id, token, directory, readinessFile: join(directory, 'ready'), apiUrl: suite.api.url };
  await using place = enterSurrounding(plan.surrounding);
  try {
    return await perform(plan, identity, { hangMs, suite, outside: place.enter });
  } finally {
    suite.listeners.delete(id);
  }
}

async function perform(
  plan: Plan,
  identity: TaskIdentity,
  { hangMs, suite, outside }: { hangMs: number; suite: Suite; outside: readonly string[] },
): Promise<Observation> {
  const { id, token, directory, readinessFile } = identity;
  for (const call of ['unclaim', 'fail'] as const) suite.api.answer(call, plan.answers[call], id);
  const late = makeReady(plan, readinessFile);
  const requests: ObservedRequest[] = [];
  const start = performance.now();
  const task = await startPlan(plan, identity, { fakeAgent: suite.fakeAgent, outside });
  await using program = task.program;
  const processes = new TaskProcesses(program);
  const disturber = new Disturber(plan.disturbances, processes, task);
  suite.listeners.set(id, (request) => {
    requests.push(observe(request, plan, processes));
    disturber.reached('request');
  });
  const sample = sampleProcesses(processes);

  const hung = (await atMost(hangMs, program.exited)) === undefined;
  const durationMs = performance.now() - start;
  clearTimeout(late);
  if (hung) describeHang(program, task.stdout, processes);
  await disturber.stop();
  if (hung) program.kill();
  const { status, signal } = await program.exited;
  const survivors = await findSurvivors(plan, disturber, processes);
  await killProcessesWith(program.marker);
  await Promise.all([task.stdout.end(outputLimitMs), task.stderr.end(outputLimitMs)]);
  const places = {
    stdout: task.stdout.text,
    stderr: plan.agent.printsToken ? '' : task.stderr.text,
    message: requests.map(({ message }) => message).join(),
    'a process': await sample,
  };
  return {
    ...{ status, signal, durationMs, hung, requests, survivors },
    stalledMs: suite.stalls.longestSince(start),
    killed: disturber.orphaned !== undefined,
    disturbed: disturber.disturbed || plan.readers.stdout === 'vanishes',
    terminated: disturber.terminated,
    log: task.stdout.isWhole ? task.stdout.text : undefined,
    files: readdirSync(directory).filter((file) => file !== 'ready'),
    tokenSeen: Object.entries(places).flatMap(([place, text]) => (text.includes(token) ? [place] : [])),
    silentProbes: disturber.silentProbes,
    disturbances: disturber.counts,
  };
}

/** Makes the readiness file, now or later. @returns the timer of a later one */
function makeReady({ readiness }: Plan, file: string): NodeJS.Timeout | undefined {
  const touch = () => writeFileSync(file, '');
  if (readiness === 'there') touch();
  return readiness === 'late' ? setTimeout(touch, lateMs) : undefined;
}

async function findSurvivors(
  { life }: Plan,
  { orphaned }: Disturber,
  processes: TaskProcesses,
): Promise<string[]> {
  // If the orchestrator is killed, the kernel kills only its own children. Another process adopts their
  // children.
  const left = life === 'ordinary' ? orphaned : undefined;
  return (await (left ? processes.outlast(left) : processes.alive())).map(describeProcess);
}

function describeHang({ lineage }: RunningProgram, { text }: Output, processes: TaskProcesses): void {
  const pids = [...lineage, ...processes.alive()];
  console.error(`hangs:\n${pids.map(describeProcess).join('\n')}\nlog:\n${text.slice(-5000)}`);
}

function observe(request: ReceivedRequest, plan: Plan, processes: TaskProcesses): ObservedRequest {
  const { attempt, message = '' } = request;
  const call = request.call === 'unclaim' || request.call === 'fail' ? request.call : undefined;
  const answers = call === undefined ? [] : plan.answers[call];
  return {
    call,
    message,
    answer: answers[Math.min(attempt, answers.length) - 1] ?? {},
    alive: processes.alive().map(describeProcess),
  };
}

const sampleAfterMs = 100;

/**
 * Everything that all users can read of the task's processes, once, some time after the launcher has hidden
 * the secrets.
 */
async function sampleProcesses(processes: TaskProcesses): Promise<string> {
  const isHidden = () => processes.isGone() || processes.holds(constants.signals.SIGTERM);
  await waitFor('a hold on signals', isHidden, { everyMs: 1, limitMs: 300_000 });
  if (processes.isGone()) return '';
  await pause(sampleAfterMs);
  const pids = [processes.orchestrator, ...processes.alive()];
  return pids.map((pid) => readProc(pid, 'cmdline') + readProc(pid, 'environ')).join('\n');
}
