import { randomUUID } from 'node:crypto';
import { expect, inject } from 'vitest';
import {
  type FakeRunnerApi,
  type FakeRunnerApiOptions,
  startFakeRunnerApi,
} from '../../../internal/dev/runner-api/fake-runner-api.ts';
import type { Container } from '../../../internal/dev/testing/containers/container.ts';
import { Pod } from '../../../internal/dev/testing/containers/pod.ts';
import { processesWith, readProc, statusField } from '../../../internal/dev/testing/proc.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { type NewTask, newTask, orchestrator, programsVolume } from './container-task.ts';

export interface PodTaskOptions {
  readonly image?: string;
  /** The fake agent's script. */
  readonly agent?: readonly string[];
  /** Fields of the configuration beside or in place of the usual ones. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Flags of the orchestrator's command. */
  readonly flags?: readonly string[];
  /** Gives the configuration as a flag, not as a variable. */
  readonly configAsFlag?: boolean;
  /** A custom entrypoint, for `override` in place of `run-task`. */
  readonly entrypoint?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** More options of `docker run`. */
  readonly docker?: readonly string[];
  readonly answers?: FakeRunnerApiOptions['answers'];
}

export interface EndedPodTask {
  readonly status: number | null;
  /** The calls that reached the runner API, in order: `unclaim`, `fail`. */
  readonly calls: readonly string[];
  /** The message of the last fail event. */
  readonly message: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Pids of processes of the task that were there when the runner API was called, or when the container had ended. */
  readonly left: readonly number[];
}

/** A task in the primary container of a Pod, with a runner API of its own outside of the Pod. */
export class PodTask implements AsyncDisposable {
  readonly pod: Pod;
  readonly container: Container;
  readonly api: FakeRunnerApi;
  readonly task: NewTask;
  readonly #marker: string;
  readonly #left: number[];

  private constructor(
    parts: Pick<PodTask, 'pod' | 'container' | 'api' | 'task'>,
    marker: string,
    left: number[],
  ) {
    this.pod = parts.pod;
    this.container = parts.container;
    this.api = parts.api;
    this.task = parts.task;
    this.#marker = marker;
    this.#left = left;
  }

  static async start(options: PodTaskOptions = {}): Promise<PodTask> {
    const { agent = [], fields = {}, flags = [], entrypoint, answers = {} } = options;
    const marker = randomUUID();
    const left: number[] = [];
    const api = await startFakeRunnerApi({
      host: inject('containers').gateway,
      answers,
      onRequest: () => left.push(...tasksProcesses(marker)),
    });
    const task = newTask({ api, agent, fields });
    const configFlag = options.configAsFlag ? [`--config=${task.config}`] : [];
    const pod = await Pod.create();
    const container = await pod.start({
      image: options.image ?? 'busybox',
      command: orchestrator(entrypoint === undefined ? 'run-task' : 'override', ...flags, ...configFlag),
      env: {
        ...options.env,
        ...(entrypoint === undefined ? {} : { CIRCLECI_GOAT_ENTRYPOINT: entrypoint }),
        ...(options.configAsFlag ? {} : { CIRCLECI_GOAT_CONFIG: task.config }),
        MARKER_OF_THIS_TASK: marker,
      },
      flags: [...programsVolume(), ...(options.docker ?? [])],
    });
    return new PodTask({ pod, container, api, task }, marker, left);
  }

  /** Asks a health route from outside of the Pod. @returns the status; undefined while nobody listens */
  async probe(path: string): Promise<number | undefined> {
    const url = `http://${this.pod.address}:7623${path}`;
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.status;
  }

  async ready(): Promise<void> {
    await waitFor('/ready', async () => (await this.probe('/ready')) === 200);
  }

  /** The pids of the task's processes, as this machine sees them; the orchestrator has hidden its environment. */
  processes(): number[] {
    return tasksProcesses(this.#marker);
  }

  /** Waits for the end of the container. */
  async finish(): Promise<EndedPodTask> {
    const { status, stdout, stderr } = await this.container.ended;
    expect(stdout + stderr).not.toContain(this.task.token);
    const { requests } = this.api;
    return {
      status,
      stdout,
      stderr,
      calls: requests.map(({ call, path }) => call ?? path),
      message: requests.findLast(({ call }) => call === 'fail')?.message ?? '',
      left: [...this.#left, ...processesWith(this.#marker)],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.container[Symbol.asyncDispose]();
    await this.pod[Symbol.asyncDispose]();
    await this.api.close();
  }
}

/** Without the first process of the container: what a custom entrypoint has become is no part of the task. */
function tasksProcesses(marker: string): number[] {
  const isFirst = (pid: number) => statusField(readProc(pid, 'status'), 'NSpid').endsWith('\t1');
  return processesWith(marker).filter((pid) => !isFirst(pid));
}

/** Runs a task in a Pod to its end. */
export async function runPodTask(options: PodTaskOptions = {}): Promise<EndedPodTask> {
  await using task = await PodTask.start(options);
  return await task.finish();
}
