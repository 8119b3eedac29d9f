import { childrenOf, readProc, stateOf, statusField } from '../testing/proc.ts';
import type { RunningProgram } from '../testing/running-program.ts';
import { waitFor } from '../testing/wait-for.ts';

/** What becomes of children is the kernel's work, which a busy machine may take long for, ms. */
const dyingMs = 20_000;

/** The processes of one task, as they are seen from outside of its PID namespace. */
export class TaskProcesses {
  readonly orchestrator: number;
  readonly #program: RunningProgram;

  constructor(program: RunningProgram) {
    this.orchestrator = program.pid;
    this.#program = program;
  }

  /** Whoever lives beside the orchestrator. */
  alive(): number[] {
    return this.#program.survivors();
  }

  /** The orchestrator's own children, adopted ones among them. */
  children(): number[] {
    return childrenOf(this.orchestrator);
  }

  /**
   * Those that it has started itself, each of which leads a session, and which die with it. Adopted ones need not: to
   * a fork the signal of the parent's death is not passed on (PR_SET_PDEATHSIG of prctl(2)).
   */
  startedChildren(): number[] {
    return this.children().filter((pid) => statusField(readProc(pid, 'status'), 'NSsid') === String(pid));
  }

  /** Whether the launcher or Node has come to block, catch or ignore a signal; proc_pid_status(5). */
  holds(signal: number): boolean {
    const status = readProc(this.orchestrator, 'status');
    // A wrapper that is about to become the orchestrator may block signals, too.
    if (statusField(status, 'Name') !== 'orchestrator') return false;
    const bit = 1n << BigInt(signal - 1);
    const fields = ['SigBlk', 'SigCgt', 'SigIgn'].map((field) => BigInt(`0x0${statusField(status, field)}`));
    return fields.some((mask) => (mask & bit) !== 0n);
  }

  isGone(): boolean {
    return ['', 'Z', 'X'].includes(stateOf(this.orchestrator));
  }

  /** Waits for the end of these. @returns those that live on */
  async outlast(pids: readonly number[]): Promise<number[]> {
    const living = () => pids.filter((pid) => !['', 'Z', 'X'].includes(stateOf(pid)));
    await waitFor('the end of children', () => living().length === 0, { limitMs: dyingMs }).catch(() => {});
    return living();
  }
}

/** For people who look for the cause. */
export function describeProcess(pid: number): string {
  const command = readProc(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 200);
  const wait = readProc(pid, 'wchan');
  return `${pid} ${stateOf(pid)} ${wait} ${command}`;
}
