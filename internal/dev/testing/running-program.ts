import type { ChildProcess } from 'node:child_process';
import type { Output } from './output.ts';
import { childrenOf, killProcessesWith, processesWith, sendSignal } from './proc.ts';

/** How a process ended. */
export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The end of a program, and its output. */
export interface EndedProgram extends ProcessEnd {
  readonly stdout: string;
  readonly stderr: string;
}

/** The facts about a running program. */
interface Facts {
  readonly process: ChildProcess;
  readonly exited: Promise<ProcessEnd>;
  readonly lineage: readonly number[];
  readonly marker: string;
  readonly startedMs: number;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** The time for output that a busy machine has not passed on before the program's end. */
const outputLimitMs = 5000;

/** A program that was started here. Disposing of it kills the program and all processes that it left. */
export class RunningProgram implements AsyncDisposable {
  /** The program's own pid, as this process sees it. */
  readonly pid: number;
  /** The pids from the process that was started here down to the program. */
  readonly lineage: readonly number[];
  /**
   * An entry in the environment of all processes that it starts. The program has it too, unless it wipes its
   * own environment.
   */
  readonly marker: string;
  /** process.hrtime() just before it was started, in ms. */
  readonly startedMs: number;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Resolves when the process that was started here has ended. */
  readonly exited: Promise<ProcessEnd>;
  readonly #process: ChildProcess;
  #ended: Promise<ProcessEnd> | undefined;

  constructor(facts: Facts) {
    this.pid = facts.lineage.at(-1) ?? 0;
    this.lineage = facts.lineage;
    this.marker = facts.marker;
    this.startedMs = facts.startedMs;
    this.stdout = facts.stdout;
    this.stderr = facts.stderr;
    this.exited = facts.exited;
    this.#process = facts.process;
  }

  /**
   * Resolves when it has ended and its output is read. It does not wait for other processes that hold the
   * output.
   */
  get ended(): Promise<ProcessEnd> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** Waits for its end. */
  async result(): Promise<EndedProgram> {
    return { ...(await this.ended), stdout: this.stdout.text, stderr: this.stderr.text };
  }

  signal(signal: NodeJS.Signals | number): void {
    sendSignal(this.pid, signal);
  }

  /**
   * Kills the process that was started here, and those between it and the program. unshare's --kill-child does not
   * reach a program that has changed its user (prctl(2), PR_SET_PDEATHSIG).
   */
  kill(): void {
    const isChild = (pid: number, index: number, all: readonly number[]) =>
      index > 0 && childrenOf(all[index - 1] ?? 0).includes(pid);
    const descendants = this.lineage.filter(isChild);
    this.#process.kill('SIGKILL');
    for (const pid of descendants) sendSignal(pid, 'SIGKILL');
  }

  /** Waits for a match in stdout. @throws Error with all output if the program ends before */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    this.ended.catch(() => {}); // Its end ends the wait.
    try {
      return await this.stdout.matched(pattern);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\nstderr:\n${this.stderr.text}`);
    }
  }

  /** The URL of its health server, once it logs that it listens. */
  async healthUrl(): Promise<string> {
    const [, , port] = await this.printed(listening);
    return `http://127.0.0.1:${port}`;
  }

  /** The pids of its processes that are still alive, as this process sees them. */
  survivors(): number[] {
    return processesWith(this.marker).filter((pid) => !this.lineage.includes(pid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.exited;
    await killProcessesWith(this.marker);
    this.stdout.close();
    this.stderr.close();
  }

  async #end(): Promise<ProcessEnd> {
    const end = await this.exited;
    await Promise.all([this.stdout.end(outputLimitMs), this.stderr.end(outputLimitMs)]);
    return end;
  }
}

/** The log line with the health server's address and port, in both formats. */
export const listening = /server: new-server admin.*app\.address[=":]+(\S*:(\d+))/;
