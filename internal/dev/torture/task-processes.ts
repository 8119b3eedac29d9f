import { setTimeout as pause } from 'node:timers/promises';
import { childrenOf, processesWith, readProc, stateOf, statusField } from '../testing/proc.ts';

/** What becomes of children is the kernel's work, which a busy machine may take long for, ms. */
const dyingMs = 20_000;
const pollMs = 20;

/** The processes of one task, as they are seen from outside of its PID namespace. */
export class TaskProcesses {
  readonly orchestrator: number;
  readonly #marker: string;
  readonly #wrappers: ReadonlySet<number>;

  /**
   * @param marker in the environment of everything that the task starts, but not of the orchestrator, which wipes its own
   * @param wrappers those between this suite and the orchestrator
   */
  constructor(marker: string, orchestrator: number, wrappers: readonly number[]) {
    this.#marker = marker;
    this.orchestrator = orchestrator;
    this.#wrappers = new Set([...wrappers, orchestrator]);
  }

  /** Whoever lives beside the orchestrator. */
  alive(): number[] {
    return processesWith(this.#marker).filter((pid) => !this.#wrappers.has(pid));
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
    const deadline = performance.now() + dyingMs;
    const living = () => pids.filter((pid) => !['', 'Z', 'X'].includes(stateOf(pid)));
    while (living().length > 0 && performance.now() < deadline) await pause(pollMs);
    return living();
  }

  /** Kills everything, again and again: what dies may have forked just before. */
  async killAll(): Promise<void> {
    for (let left = processesWith(this.#marker); left.length > 0; left = processesWith(this.#marker)) {
      for (const pid of left) sendSignal(pid, 9);
      await pause(pollMs);
    }
  }
}

/** For people who look for the cause. */
export function describeProcess(pid: number): string {
  const command = readProc(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 200);
  const wait = readProc(pid, 'wchan');
  return `${pid} ${stateOf(pid)} ${wait} ${command}`;
}

/** Without a word where there is nobody left. */
export function sendSignal(pid: number, signal: number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
