import { closeSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { atMost, delay } from '../../internal/delay.ts';
import {
  decodeExecFailure,
  type ExecFailure,
  encodeExecRequest,
  execFailureBytes,
} from '../../internal/launcher/exec-request.ts';
import { forwardedSignals, nodeSignal, terminationSignals } from '../../internal/signals.ts';
import { kill, spawnProgram } from '../../internal/syscall/linux/children.ts';
import { feed } from '../../internal/syscall/linux/descriptors.ts';
import { trimMemory, watchMemory } from '../../internal/syscall/linux/process.ts';
import { isPending, releaseSignals, watchSignals } from '../../internal/syscall/linux/watch-signals.ts';
import { isSmall } from '../memory/container-memory.ts';
import { avoidOomKiller, childOomScoreAdj } from '../memory/oom-score.linux.ts';
import { giveTo, openPipe, openStdin, writeAndClose } from './child-pipes.linux.ts';
import { extendSearchPath, findProgram } from './find-program.linux.ts';
import { findUser } from './find-user.linux.ts';
import { KeptOutput } from './kept-output.ts';
import { listDescendants } from './list-descendants.linux.ts';
import { OutputRelay } from './output-relay.ts';
import {
  type Child,
  type ChildSpec,
  type CreateProcesses,
  type ParentProcess,
  type Processes,
  type Remainder,
  StartError,
} from './processes.ts';
import { Reaper } from './reaper.linux.ts';
import { describeStartFailure } from './start-failure.linux.ts';

const SIGKILL = 9;
const everyone = -1;
/** kill(2) sends no signal with this number, but checks that the target exists. */
const existenceOnly = 0;

/** The longest wait for processes that may not be killed, and may end by themselves, s. */
const forbiddenLimitSeconds = 0.5;

/** argv[0] that makes the launcher a child's first step. */
const execStepName = 'orchestrator-exec';

/** The parts of this process that its children get. They have the same stdout. */
export type LinuxParent = Omit<ParentProcess, 'stdout' | 'logger'>;

export const createProcesses: CreateProcesses = (parent) => new LinuxProcesses(parent);

/** Processes by the launcher's exec step, one reaper for all of them, and process groups. */
export class LinuxProcesses implements Processes {
  readonly findUser = findUser;
  readonly extendSearchPath = extendSearchPath;
  readonly #parent: LinuxParent;
  readonly #launcher: string;
  readonly #reaper = new Reaper();
  readonly #groups = new Set<number>();
  /** Computed from this process's own score at its start. */
  readonly #childOomScoreAdj: number | undefined;
  #end: Promise<Remainder> | undefined;

  /**
   * @param launcher the executable with the launcher. It is this program itself, except in tests
   */
  constructor(parent: LinuxParent, launcher = '/proc/self/exe') {
    this.#parent = parent;
    this.#launcher = launcher;
    this.#childOomScoreAdj = childOomScoreAdj(parent.memory?.limitBytes);
  }

  get orphansReaped(): number {
    return this.#reaper.orphans;
  }

  listen(onSignal: (signal: number) => void, signals: Iterable<number> = forwardedSignals): void {
    const unnamed: number[] = [];
    for (const signal of signals) {
      const name = nodeSignal(signal);
      if (name === undefined) {
        unnamed.push(signal);
      } else {
        process.on(name, () => onSignal(signal));
      }
    }
    watchSignals(unnamed, onSignal);
    releaseSignals();
  }

  pendingTermination(): number | undefined {
    return [...terminationSignals].find(isPending);
  }

  startReaping(): void {
    this.#reaper.start();
  }

  avoidOomKiller(): void {
    avoidOomKiller(watchMemory);
  }

  start(spec: ChildSpec): Child {
    if (this.#end !== undefined) throw new StartError('the task is being shut down.');
    const [command = ''] = spec.argv;
    const path = findProgram(command, spec.environment);
    const ours: number[] = [];
    const forChild: number[] = [];
    try {
      const stdin = openStdin(spec, ours, forChild);
      const stderr = openPipe(ours, forChild);
      giveTo(spec.user, stdin === undefined ? forChild.slice(1) : forChild);
      const status = openPipe(ours, forChild);
      const pid = this.#spawn(spec, path, forChild);
      ours.length = 0;
      if (stdin !== undefined) {
        writeAndClose(stdin, spec.stdin ?? '');
      }
      return this.#watch(spec, path, { pid, stderr, status });
    } catch (error) {
      throw new StartError(describeStartFailure(path, spec, error), { cause: error });
    } finally {
      for (const fd of [...ours, ...forChild]) {
        closeSync(fd);
      }
    }
  }

  #watch(spec: ChildSpec, path: string, started: { pid: number; stderr: number; status: number }): Child {
    const { pid } = started;
    const ended = this.#reaper.own(pid).finally(() => this.#staySmall());
    this.#groups.add(pid);
    const stderr = new KeptOutput(this.#parent.mask);
    const failure = readFailure(started.status);
    // The relay's modules are loaded when the child runs. Until then the pipe holds the child's output.
    const relay = failure
      .catch(() => undefined)
      .then(() => new OutputRelay(started.stderr, this.#parent.stderr, stderr));
    return {
      pid,
      started: failure.then((failure) => {
        if (failure !== undefined) throw new StartError(describeStartFailure(path, spec, failure));
        // After the work that waits for the start.
        setImmediate(trimMemory);
      }),
      ended,
      stderr,
      signal: (signal) => this.#signalGroup(pid, signal),
      isOutOfReach: () => kill(pid, existenceOnly) === 'forbidden',
      groupGone: (limitMs) => this.#groupGone(pid, limitMs),
      drain: async (limitMs) => (await relay).drain(limitMs),
    };
  }

  shutDown(limitMs: number): Promise<Remainder> {
    this.#end ??= this.#killAll(limitMs);
    return this.#end;
  }

  async #killAll(limitMs: number): Promise<Remainder> {
    for (const group of this.#groups) {
      this.#signalGroup(group, SIGKILL);
    }
    if (process.pid === 1) {
      // In our own PID namespace, one call reaches all processes at once (kill(2)). No fork is fast enough to
      // escape it.
      kill(everyone, SIGKILL);
    }
    const over = new AbortController();
    const none = this.#reaper.noChildren().then((): Remainder => 'none');
    const result = await atMost(limitMs, Promise.race([none, this.#killDescendants(over.signal)]));
    over.abort();
    return result ?? 'unkillable';
  }

  /**
   * New processes may start while others are killed. So this repeats until it is over, or until only processes are left
   * that may not be killed. Those of a `sudo` usually end soon after the others.
   */
  async #killDescendants(over: AbortSignal): Promise<Remainder> {
    const pauseMs = 10;
    let killedSeconds = process.uptime();
    // Usually no process is left, and the first turn of the event loop shows that.
    while (await delay(0, over)) {
      const deliveries = new Set(listDescendants().map((pid) => kill(pid, SIGKILL)));
      if (!deliveries.has('forbidden') || deliveries.size > 1) killedSeconds = process.uptime();
      if (process.uptime() - killedSeconds > forbiddenLimitSeconds) return 'forbidden';
      await delay(pauseMs, over);
    }
    return 'unkillable';
  }

  /** The kernel does not report the end of a group's last member, because it may not be our child. */
  async #groupGone(group: number, limitMs: number): Promise<void> {
    const pauseMs = 10;
    const over = new AbortController();
    const limit = delay(limitMs, over.signal).then(() => over.abort());
    while (!over.signal.aborted && kill(-group, existenceOnly) !== 'no-target') {
      await delay(pauseMs, over.signal);
    }
    over.abort();
    await limit;
  }

  #signalGroup(group: number, signal: number): void {
    if (this.#groups.has(group) && kill(-group, signal) === 'no-target') {
      this.#groups.delete(group);
    }
  }

  /**
   * In a small container, no oom_score_adj makes a small child weigh more than this process with all pages that it has
   * ever used. So this process gives them up before the task uses memory, and before further work while the rest of the
   * task still runs.
   */
  #staySmall(): void {
    if (isSmall(this.#parent.memory?.limitBytes)) trimMemory();
  }

  /**
   * @param descriptors of the child: stdin, stderr, and the pipe for the launcher's report of a failure
   */
  #spawn(spec: ChildSpec, path: string, descriptors: readonly number[]): number {
    const { handoff } = this.#parent;
    this.#staySmall();
    const [stdin = 0, stderr = 2, status = -1] = descriptors;
    const request = feed(
      encodeExecRequest({
        path,
        argv: spec.argv,
        environment: spec.environment,
        parentPid: process.pid,
        ignoredSignals: handoff.ignoredSignals,
        openFiles: handoff.openFiles,
        user: spec.user,
        oomScoreAdj: this.#childOomScoreAdj,
      }),
    );
    try {
      const stdout = 1;
      return spawnProgram(this.#launcher, [execStepName], [stdin, stdout, stderr, request.readEnd, status]);
    } finally {
      request.finish();
    }
  }
}

/** Waits for the launcher's report. An empty report means that the program runs. */
async function readFailure(fd: number): Promise<ExecFailure | undefined> {
  const report = Buffer.alloc(execFailureBytes);
  try {
    const { bytesRead } = await promisify(read)(fd, report, 0, report.length, null);
    return decodeExecFailure(report.subarray(0, bytesRead));
  } finally {
    closeSync(fd);
  }
}
