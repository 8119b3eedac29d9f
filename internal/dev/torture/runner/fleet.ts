import { setTimeout as pause } from 'node:timers/promises';
import { atMost } from '../../../delay.ts';
import type { Administrator } from '../../fake-kubelet/administrator.ts';
import { ControllerProcess } from '../../testing/cluster/controller-process.ts';
import type { Stage } from '../../testing/cluster/controller-stage.ts';
import type { Random } from '../random.ts';
import type { Tally } from '../tally.ts';

/**
 * How long a replica may take to end before it is killed, by default, ms. This only catches a hang: a task may wait for
 * two minutes for the events before it was taken over, for half a minute after each outage of the API server that meets
 * a request for it, and for a minute and a half for a lost node.
 */
const drainMs = 600_000;

/** The controllers of a run, always the same number, and their disturbances. */
export class Fleet implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #administrator: Administrator;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #tally: Tally;
  readonly #present: ControllerProcess[] = [];
  readonly #leaving = new Set<Promise<void>>();
  /** All controllers so far. */
  readonly all: ControllerProcess[] = [];
  /** When their processes were killed, by name, on the wall clock, ms. */
  readonly deaths = new Map<string, number[]>();
  /** Wrong ends of their processes. */
  readonly problems: string[] = [];

  constructor(
    stage: Stage,
    administrator: Administrator,
    settings: Readonly<Record<string, string>>,
    tally: Tally,
  ) {
    this.#stage = stage;
    this.#administrator = administrator;
    this.#settings = settings;
    this.#tally = tally;
  }

  async add(): Promise<void> {
    const name = `container-agent-${this.all.length}`;
    const replica = new ControllerProcess(name, this.#stage, this.#administrator, this.#settings);
    this.all.push(replica);
    this.#present.push(replica);
    await replica.createPod();
    await replica.start();
  }

  /** Kills or stops one of them, and replaces it. */
  async disturb(random: Random): Promise<void> {
    const replica = this.#present[random.integer(0, this.#present.length - 1)];
    if (replica === undefined) return;
    const act = random.pick(['restarted', 'restarted', 'replaced', 'replaced', 'drained', 'drained early']);
    this.#tally.add(`replicas: ${act}`);
    switch (act) {
      case 'restarted':
        await this.#kill(replica);
        await pause(random.integer(0, 2000));
        await replica.start();
        return;
      case 'replaced':
        this.#remove(replica);
        await this.#kill(replica);
        await replica.deletePod();
        await this.add();
        return;
      default:
        this.#remove(replica);
        this.#leave(replica, act === 'drained' ? drainMs : random.integer(1, 3000));
        await this.add();
    }
  }

  /** Asks all of them to end, and waits until they have. */
  async drain(): Promise<void> {
    for (const replica of this.#present.splice(0)) this.#leave(replica, drainMs);
    await Promise.all(this.#leaving);
  }

  #leave(replica: ControllerProcess, graceMs: number): void {
    const left = this.#seeOff(replica, graceMs).finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  async #seeOff(replica: ControllerProcess, graceMs: number): Promise<void> {
    replica.program?.signal('SIGTERM');
    const end = replica.program && (await atMost(graceMs, replica.program.exited));
    if (end === undefined) {
      if (graceMs === drainMs) this.problems.push(`${replica.name} did not end when it was asked to`);
      await this.#endProcess(replica);
    } else if (end.status !== 0) this.problems.push(`${replica.name} ended with ${end.status ?? end.signal}`);
    await replica.deletePod();
  }

  async #kill(replica: ControllerProcess): Promise<void> {
    const end = replica.program && (await atMost(0, replica.program.exited));
    if (end !== undefined) this.problems.push(`${replica.name} ended by itself: ${end.status ?? end.signal}`);
    await this.#endProcess(replica);
  }

  async #endProcess(replica: ControllerProcess): Promise<void> {
    await replica.kill();
    this.deaths.set(replica.name, [...(this.deaths.get(replica.name) ?? []), Date.now()]);
  }

  #remove(replica: ControllerProcess): void {
    this.#present.splice(this.#present.indexOf(replica), 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { program } of this.all) await program?.[Symbol.asyncDispose]();
  }
}
