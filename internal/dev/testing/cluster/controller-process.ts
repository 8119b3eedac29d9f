import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Administrator } from '../../fake-kubelet/administrator.ts';
import { containerAgent } from '../executable.ts';
import type { RunningProgram } from '../running-program.ts';
import { startProgram } from '../start-program.ts';
import type { Stage } from './controller-stage.ts';

/** A controller: a Pod at the API server, and a process of this machine that plays it. */
export class ControllerProcess {
  readonly name: string;
  readonly #stage: Stage;
  readonly #administrator: Administrator;
  readonly #settings: Readonly<Record<string, string>>;
  #program: RunningProgram | undefined;

  constructor(
    name: string,
    stage: Stage,
    administrator: Administrator,
    settings: Readonly<Record<string, string>>,
  ) {
    this.name = name;
    this.#stage = stage;
    this.#administrator = administrator;
    this.#settings = settings;
  }

  /** The file with the output of all its processes. */
  get logFile(): string {
    return join(this.#stage.folder, `${this.name}.log`);
  }

  /** Creates its Pod. The scheduler ignores the Pod, so it exists until it is deleted. */
  async createPod(): Promise<void> {
    const { namespace } = this.#stage;
    const spec = { schedulerName: 'none', containers: [{ name: 'container-agent', image: 'none' }] };
    const pod = { metadata: { name: this.name }, spec };
    await this.#administrator.change('POST', `/api/v1/namespaces/${namespace}/pods`, pod);
  }

  async deletePod(): Promise<void> {
    const path = `/api/v1/namespaces/${this.#stage.namespace}/pods/${this.name}`;
    await this.#administrator.change('DELETE', path, { gracePeriodSeconds: 0 });
  }

  /** Starts its process, or a new one after the last was killed. */
  async start(): Promise<RunningProgram> {
    const env = {
      ...{ ...this.#stage.variables, ...this.#settings },
      ...{ AGENT_NAME: this.name, KUBE_CONTAINER_AGENT_INSTANCE: this.name },
    };
    const log = openSync(this.logFile, 'a');
    try {
      this.#program = await startProgram([containerAgent], { env, stdout: log, stderr: log });
    } finally {
      closeSync(log);
    }
    return this.#program;
  }

  get program(): RunningProgram | undefined {
    return this.#program;
  }

  async kill(): Promise<void> {
    this.#program?.kill();
    await this.#program?.exited;
  }

  /** @param from the byte of the file to begin with */
  readLog(from = 0): string {
    const log = openSync(this.logFile, 'r');
    try {
      const bytes = Buffer.alloc(Math.max(fstatSync(log).size - from, 0));
      return bytes.toString('utf8', 0, readSync(log, bytes, { position: from }));
    } finally {
      closeSync(log);
    }
  }

  /** The length of its log, bytes. */
  get logBytes(): number {
    return statSync(this.logFile).size;
  }
}
