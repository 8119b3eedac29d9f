import { randomUUID } from 'node:crypto';
import { expect, inject } from 'vitest';
import type { Answers } from '../../../internal/dev/runner-api/answer-script.ts';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../../internal/dev/runner-api/fake-runner-api.ts';
import { callsIn, lastMessageIn } from '../../../internal/dev/runner-api/received-requests.ts';
import type { Container } from '../../../internal/dev/testing/containers/container.ts';
import { Pod } from '../../../internal/dev/testing/containers/pod.ts';
import { processesWith, readProc, statusField } from '../../../internal/dev/testing/proc.ts';
import { type ConfigFields, type TaskConfig, taskConfig } from '../../../internal/dev/testing/task-config.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { agentPath, orchestrator, programsVolume } from './container-task.ts';

/** A task and its container. */
export interface TaskInPod {
  readonly image?: string;
  /** The fake agent's script. */
  readonly agent?: readonly string[];
  /** Fields of the configuration that add to the usual ones or replace them. */
  readonly fields?: ConfigFields;
  /** Flags of the orchestrator's command. */
  readonly flags?: readonly string[];
  /** Passes the configuration as a flag, not as a variable. */
  readonly configAsFlag?: boolean;
  /** A custom entrypoint, for `override` instead of `run-task`. */
  readonly entrypoint?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** More options of `docker run`. */
  readonly docker?: readonly string[];
  readonly answers?: Answers;
}

export interface EndedPodTask {
  readonly status: number | null;
  /** The calls that reached the runner API, in order: `unclaim`, `fail`. */
  readonly calls: readonly string[];
  /** The message of the last fail event. */
  readonly message: string;
  readonly stdout: string;
  readonly stderr: string;
  /**
   * The pids of the task's processes that were alive at a call of the runner API, or after the container's
   * end.
   */
  readonly left: readonly number[];
}

/** A task in the primary container of a Pod, with its own runner API outside of the Pod. */
export class PodTask implements AsyncDisposable {
  readonly pod: Pod;
  readonly container: Container;
  readonly api: FakeRunnerApi;
  readonly config: TaskConfig;
  readonly #marker: string;
  readonly #left: number[];

  private constructor(
    parts: Pick<PodTask, 'pod' | 'container' | 'api' | 'config'>,
    marker: string,
    left: number[],
  ) {
    this.pod = parts.pod;
    this.container = parts.container;
    this.api = parts.api;
    this.config = parts.config;
    this.#marker = marker;
    this.#left = left;
  }

  static async start(toRun: TaskInPod = {}): Promise<PodTask> {
    const { agent = [], fields = {}, flags = [], entrypoint, answers = {} } = toRun;
    const marker = randomUUID();
    const left: number[] = [];
    const api = await startFakeRunnerApi({
      host: inject('containers').gateway,
      answers,
      onRequest: () => left.push(...tasksProcesses(marker)),
    });
    const usual = { runner_api_base_url: api.url, task_agent_path: agentPath(agent) };
    const config = taskConfig({ ...usual, ...fields });
    const text = JSON.stringify(config);
    const configFlag = toRun.configAsFlag ? [`--config=${text}`] : [];
    const pod = await Pod.create();
    const container = await pod.start({
      image: toRun.image ?? 'busybox',
      command: orchestrator(entrypoint === undefined ? 'run-task' : 'override', ...flags, ...configFlag),
      env: {
        ...toRun.env,
        ...(entrypoint === undefined ? {} : { CIRCLECI_GOAT_ENTRYPOINT: entrypoint }),
        ...(toRun.configAsFlag ? {} : { CIRCLECI_GOAT_CONFIG: text }),
        MARKER_OF_THIS_TASK: marker,
      },
      flags: [...programsVolume(), ...(toRun.docker ?? [])],
    });
    return new PodTask({ pod, container, api, config }, marker, left);
  }

  /** Asks a health route from outside the Pod. @returns the status, or undefined before the server listens */
  async probe(path: string): Promise<number | undefined> {
    const url = `http://${this.pod.address}:7623${path}`;
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.status;
  }

  async ready(): Promise<void> {
    await waitFor('/ready', async () => (await this.probe('/ready')) === 200);
  }

  /**
   * The pids of the task's processes on this machine, without the orchestrator, because it has hidden its
   * environment.
   */
  processes(): number[] {
    return tasksProcesses(this.#marker);
  }

  /** Waits for the end of the container. */
  async finish(): Promise<EndedPodTask> {
    const { status, stdout, stderr } = await this.container.ended;
    expect(stdout + stderr).not.toContain(this.config.token);
    const { requests } = this.api;
    return {
      status,
      stdout,
      stderr,
      calls: callsIn(requests),
      message: lastMessageIn(requests),
      left: [...this.#left, ...processesWith(this.#marker)],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.container[Symbol.asyncDispose]();
    await this.pod[Symbol.asyncDispose]();
    await this.api.close();
  }
}

/** Without the first process of the container: a custom entrypoint is not part of the task. */
function tasksProcesses(marker: string): number[] {
  const isFirst = (pid: number) => statusField(readProc(pid, 'status'), 'NSpid').endsWith('\t1');
  return processesWith(marker).filter((pid) => !isFirst(pid));
}

/** Runs a task in a Pod to its end. */
export async function runPodTask(toRun: TaskInPod = {}): Promise<EndedPodTask> {
  await using task = await PodTask.start(toRun);
  return await task.finish();
}
