import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Output } from '../../testing/output.ts';
import { sendSignal } from '../../testing/proc.ts';
import { listening } from '../../testing/running-program.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { abuseHealth, probe } from './health-abuse.ts';
import type { Disturbance, Phase } from './plan-disturbances.ts';
import type { TaskProcesses } from './task-processes.ts';

const { SIGTERM, SIGINT, SIGQUIT, SIGCHLD, SIGPIPE, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGKILL } =
  constants.signals;
const terminations: readonly number[] = [SIGTERM, SIGINT, SIGQUIT];
/** These are not passed on, or processes ignore them by default. */
const harmless: readonly number[] = [SIGCHLD, SIGPIPE, SIGCONT, SIGURG, SIGWINCH];

const lines: readonly (readonly [Phase, RegExp])[] = [
  ['listening', listening],
  ['agent started', /task agent started/],
];
const patience = { everyMs: 1, limitMs: 300_000 };
const abuseMs = 300;
const probeLimitMs = 30_000;

/** Disturbs a running task as its plan says. */
export class Disturber {
  readonly #left: Set<Disturbance>;
  readonly #processes: TaskProcesses;
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #over = new AbortController();
  readonly #acts: Promise<void>[] = [];
  readonly #reached = new Set<Phase>();
  /** The number of disturbances of each kind. */
  readonly counts = new Map<string, number>();
  /** The processes that the orchestrator itself had started before it was killed. */
  orphaned: readonly number[] | undefined;
  disturbed = false;
  terminated = false;
  silentProbes = 0;

  constructor(
    disturbances: readonly Disturbance[],
    processes: TaskProcesses,
    { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output },
  ) {
    this.#left = new Set(disturbances);
    this.#processes = processes;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.reached('spawned');
    void this.#followLog();
  }

  reached(phase: Phase): void {
    if (this.#reached.has(phase)) return;
    this.#reached.add(phase);
    for (const disturbance of this.#left) {
      if (disturbance.after !== phase) continue;
      this.#left.delete(disturbance);
      this.#acts.push(this.#later(disturbance));
    }
  }

  /** Stops disturbing, and waits for running disturbances. */
  async stop(): Promise<void> {
    this.#over.abort();
    for (let done = 0; done < this.#acts.length; ) {
      done = this.#acts.length;
      await Promise.all(this.#acts);
    }
  }

  async #followLog(): Promise<void> {
    for await (const text of this.#stdout.lines()) {
      for (const [phase, line] of lines) if (line.test(text)) this.reached(phase);
    }
  }

  async #later(disturbance: Disturbance): Promise<void> {
    await pause(disturbance.ms, undefined, { signal: this.#over.signal }).catch(() => {});
    if (!this.#over.signal.aborted) await this.#act(disturbance);
  }

  async #act(disturbance: Disturbance): Promise<void> {
    switch (disturbance.kind) {
      case 'signal':
        return this.#signal(disturbance.signal);
      case 'kill':
        return this.#kill(disturbance);
      case 'stop':
        return this.#stop(disturbance.forMs);
      case 'health':
        return this.#abuse(disturbance);
    }
  }

  /** Waits until the orchestrator holds signals. Before that the kernel may drop them. */
  async #signal(signal: number): Promise<void> {
    const { orchestrator } = this.#processes;
    // SIGPIPE is not held, and it is deadly until Node ignores it. Only this suite sends it so early.
    const held = signal === SIGPIPE ? SIGPIPE : SIGTERM;
    const isInVain = () => this.#over.signal.aborted || this.#processes.isGone();
    await waitFor('a hold on signals', () => isInVain() || this.#processes.holds(held), patience);
    if (isInVain()) return;
    this.#count(terminations.includes(signal) ? 'termination signals' : 'other signals');
    if (terminations.includes(signal)) this.terminated = true;
    else if (!harmless.includes(signal)) this.disturbed = true;
    sendSignal(orchestrator, signal);
    if (this.terminated) this.reached('termination');
  }

  #kill({ whom, ms }: Extract<Disturbance, { kind: 'kill' }>): void {
    const { orchestrator } = this.#processes;
    const children = this.#processes.children();
    if (whom === 'orchestrator') {
      this.orphaned = this.#processes.startedChildren();
      this.#count('SIGKILL of the orchestrator');
      sendSignal(orchestrator, SIGKILL);
      // unshare(1) also writes to stderr before it ends.
      this.#stderr.release();
      return;
    }
    const victims = whom === 'a child' ? children : this.#processes.alive();
    const victim = victims[ms % victims.length];
    if (victim === undefined) return;
    this.disturbed = true;
    this.#count(`SIGKILL of ${whom}`);
    sendSignal(victim, SIGKILL);
  }

  async #stop(forMs: number): Promise<void> {
    this.#count('stops');
    sendSignal(this.#processes.orchestrator, SIGSTOP);
    await pause(forMs);
    sendSignal(this.#processes.orchestrator, SIGCONT);
  }

  async #abuse({ abuse, connections }: Extract<Disturbance, { kind: 'health' }>): Promise<void> {
    const port = Number(listening.exec(this.#stdout.text)?.[2] ?? 0);
    if (port === 0) return;
    this.#count(`health: ${abuse}`);
    const abusing = abuseHealth(port, abuse, connections, abuseMs);
    const answer = await probe(port, probeLimitMs, this.#over.signal);
    await abusing;
    if (answer === 'silent') this.silentProbes++;
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
