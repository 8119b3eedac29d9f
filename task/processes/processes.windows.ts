import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { ChildEnd } from '../../internal/child-end.ts';
import { atMost, delay } from '../../internal/delay.ts';
import type { Environment } from '../../internal/environment.ts';
import type { FdWriter } from '../../internal/output/fd-writer.ts';
import { Job } from '../../internal/syscall/windows/job.ts';
import { type Kernel32, openKernel32 } from '../../internal/syscall/windows/kernel32.ts';
import { watchShutdown } from '../../internal/syscall/windows/shutdown.ts';
import { extendSearchPath, findProgram } from './find-program.windows.ts';
import { KeptOutput } from './kept-output.ts';
import { OutputRelay } from './output-relay.ts';
import {
  type Child,
  type ChildSpec,
  type CreateProcesses,
  type ParentProcess,
  type Processes,
  type Remainder,
  StartError,
  type User,
} from './processes.ts';
import { describeStartFailure } from './start-failure.windows.ts';

const { SIGINT, SIGKILL, SIGTERM } = constants.signals;

/** The interval of checks whether Windows ends the container, ms. Windows then leaves us seconds. */
const shutdownPollMs = 250;
/** The interval of checks for remaining processes, ms. */
const killPollMs = 10;
/** The time to read the pipes of ended processes, ms. */
const drainLimitMs = 1000;

/** The events of a Windows console, by their names in Node. All of them ask for the end. */
const consoleEvents = { SIGINT: 'Ctrl-C', SIGBREAK: 'Ctrl-Break', SIGHUP: 'console closed' } as const;

/** The parts of this process that its children need. Their output passes through it. */
export type WindowsParent = Omit<ParentProcess, 'handoff' | 'memory'>;

/** The calls of Windows. */
export interface WindowsCalls {
  readonly kernel32: () => Kernel32;
  readonly spawn: typeof spawn;
}

export const createProcesses: CreateProcesses = (parent) => new WindowsProcesses(parent);

/** Processes by node:child_process, and one job object for all of them; no signals and no switch of the user. */
export class WindowsProcesses implements Processes {
  /** Windows has no zombies. */
  readonly orphansReaped = 0;
  readonly #parent: WindowsParent;
  readonly #calls: WindowsCalls;
  readonly #relays: OutputRelay[] = [];
  #job: Job | undefined;
  #end: Promise<Remainder> | undefined;

  /** @param calls for tests */
  constructor(parent: WindowsParent, calls: WindowsCalls = { kernel32: openKernel32, spawn }) {
    this.#parent = parent;
    this.#calls = calls;
  }

  /**
   * Each event counts as SIGINT, which asks a task to end. Children do not see the events, because they have
   * another console.
   */
  listen(onSignal: (signal: number) => void): void {
    const onEvent = (event: string): void => {
      this.#parent.logger.info('Windows asks this program to end', { event });
      onSignal(SIGINT);
    };
    for (const [signal, event] of Object.entries(consoleEvents)) {
      process.on(signal, () => onEvent(event));
    }
    const isShutDown = watchShutdown(this.#calls.kernel32());
    const timer = setInterval(() => {
      if (isShutDown()) {
        clearInterval(timer);
        onEvent('shutdown');
      }
    }, shutdownPollMs);
    timer.unref();
  }

  pendingTermination(): undefined {}

  startReaping(): void {
    this.#job = new Job(this.#calls.kernel32());
  }

  /** Windows has none. */
  avoidOomKiller(): void {}

  findUser(setting: string): User | undefined {
    if (setting !== '') {
      this.#parent.logger.warn('the user is not switched: this is not possible on Windows', {
        user: setting,
      });
    }
    return undefined;
  }

  extendSearchPath(environment: Environment, program: string): Environment {
    return extendSearchPath(environment, program);
  }

  start(spec: ChildSpec): Child {
    if (this.#end !== undefined || this.#job === undefined)
      throw new StartError('the task is being shut down.');
    const [command = '', ...parameters] = spec.argv;
    const path = findProgram(command, spec.environment);
    try {
      const child = this.#calls.spawn(path, parameters, {
        env: variablesOf(spec.environment),
        // All of them are pipes. Only then libuv gives the child a console of its own, which our Ctrl-C does
        // not reach.
        stdio: [spec.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        windowsHide: true,
      });
      return this.#watch(spec, path, child);
    } catch (error) {
      throw new StartError(describeStartFailure(path, error), { cause: error });
    }
  }

  shutDown(limitMs: number): Promise<Remainder> {
    this.#end ??= this.#endAll(limitMs);
    return this.#end;
  }

  async #endAll(limitMs: number): Promise<Remainder> {
    const isGone = this.#job === undefined || (await endAll(this.#job, limitMs));
    await Promise.all(this.#relays.map((relay) => relay.drain(drainLimitMs)));
    return isGone ? 'none' : 'unkillable';
  }

  #watch(spec: ChildSpec, path: string, child: ChildProcess): Child {
    const stderr = new KeptOutput(this.#parent.mask);
    const relays = [
      this.#relay(child.stdout, this.#parent.stdout, new KeptOutput(this.#parent.mask)),
      this.#relay(child.stderr, this.#parent.stderr, stderr),
    ];
    // A child may end without reading its stdin (EPIPE).
    child.stdin?.on('error', () => child.stdin?.destroy());
    child.stdin?.end(spec.stdin);
    const ended = new Promise<ChildEnd>((resolve) => {
      child.once('exit', (code, signal) => resolve(describeExit(code, signal)));
    });
    return {
      pid: child.pid ?? 0,
      started: new Promise((resolve, reject) => {
        child.once('spawn', resolve);
        child.on('error', (error) => {
          reject(new StartError(describeStartFailure(path, error), { cause: error }));
        });
      }),
      ended,
      isOutOfReach: () => false,
      groupGone: async (limitMs) => void (await atMost(limitMs, ended)),
      stderr,
      // Windows has no signal for a process with a console of its own, so the process cannot be asked to end.
      signal: (signal) => {
        if (signal === SIGTERM || signal === SIGKILL) {
          child.kill(signal);
        }
      },
      drain: async (limitMs) => {
        await Promise.all(relays.map((relay) => relay?.drain(limitMs)));
      },
    };
  }

  #relay(pipe: Readable | null, target: FdWriter, kept: KeptOutput): OutputRelay | undefined {
    if (pipe === null) return undefined;
    const relay = new OutputRelay(pipe, target, kept);
    this.#relays.push(relay);
    return relay;
  }
}

/**
 * Ends every process of the job except this one. No new process can start in the meantime, so the list only
 * becomes shorter. If Windows refuses that limit, ending processes repeatedly has to suffice.
 *
 * @returns whether no process is left
 */
async function endAll(job: Job, limitMs: number): Promise<boolean> {
  const over = AbortSignal.timeout(limitMs);
  try {
    job.refuseProcesses();
  } catch {}
  do {
    const others = job.others();
    if (others.length === 0) return true;
    for (const pid of others) {
      job.kill(pid);
    }
  } while (await delay(killPollMs, over));
  return job.others().length === 0;
}

function variablesOf(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    environment.entries.map((entry) => {
      const text = entry.toString();
      const equals = text.indexOf('=');
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): ChildEnd {
  return signal === null ? { exitCode: code ?? 0 } : { signal: constants.signals[signal], coreDumped: false };
}
