import { childrenOf, readProc, stateOf, statusField } from '../../testing/proc.ts';
import type { RunningProgram } from '../../testing/running-program.ts';
import { waitFor } from '../../testing/wait-for.ts';

/** The kernel ends children. On a busy machine this may take long, ms. */
const dyingMs = 20_000;

/** The processes of one task, as they are seen from outside of its PID namespace. */
export class TaskProcesses {
  readonly orchestrator: number;
  readonly #program: RunningProgram;

  constructor(program: RunningProgram) {
    this.orchestrator = program.pid;
    this.#program = program;
  }

  /** All living processes except the orchestrator. */
  alive(): number[] {
    return this.#program.survivors();
  }

  /** The orchestrator's own children, including adopted ones. */
  children(): number[] {
    return childrenOf(this.orchestrator);
  }

  /**
   * The children that it has started itself. Each leads a session, and they die with it. Adopted ones need
   * not die with it: a fork does not inherit the signal of the parent's death (PR_SET_PDEATHSIG of prctl(2)).
   */
  startedChildren(): number[] {
    return this.children().filter((pid) => statusField(readProc(pid, 'status'), 'NSsid') === String(pid));
  }

  /** Whether the launcher or Node already blocks, catches or ignores a signal: proc_pid_status(5). */
  holds(signal: number): boolean {
    const status = readProc(this.orchestrator, 'status');
    // A wrapper that will execute the orchestrator may block signals, too.
    if (statusField(status, 'Name') !== 'orchestrator') return false;
    const bit = 1n << BigInt(signal - 1);
    const fields = ['SigBlk', 'SigCgt', 'SigIgn'].map((field) => BigInt(`0x0${statusField(status, field)}`));
    return fields.some((mask) => (mask & bit) !== 0n);
  }

  isGone(): boolean {
    return ['', 'Z', 'X'].includes(stateOf(this.orchestrator));
  }

  /** Waits for the end of these processes. @returns those that are still alive */
  async outlast(pids: readonly number[]): Promise<number[]> {
    const living = () => pids.filter((pid) => !['', 'Z', 'X'].includes(stateOf(pid)));
    await waitFor('the end of children', () => living().length === 0, { limitMs: dyingMs }).catch(() => {});
    return living();
  }
}

/** A description for finding the cause. */
export function describeProcess(pid: number): string {
  const command = readProc(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 200);
  const wait = readProc(pid, 'wchan');
  return `${pid} ${stateOf(pid)} ${wait} ${command}`;
}
