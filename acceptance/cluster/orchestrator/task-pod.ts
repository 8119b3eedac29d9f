import { randomUUID } from 'node:crypto';
import type { ContainerStateTerminated, Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { expect } from 'vitest';
import { addresses } from '../../../internal/dev/cluster/addresses.ts';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import type { Answers } from '../../../internal/dev/runner-api/answer-script.ts';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../../internal/dev/runner-api/fake-runner-api.ts';
import { callsIn, lastMessageIn } from '../../../internal/dev/runner-api/received-requests.ts';
import { firstProcessOf, makeFileFor } from '../../../internal/dev/testing/cluster/first-process.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import {
  createNamespace,
  type NamespaceContract,
  type TestNamespace,
} from '../../../internal/dev/testing/cluster/namespace.ts';
import {
  createPod,
  type PodName,
  readLog,
  readPod,
  waitForEnd,
  waitForLog,
  waitForPod,
} from '../../../internal/dev/testing/cluster/pod.ts';
import { processesWith } from '../../../internal/dev/testing/proc.ts';
import { type ConfigFields, type TaskConfig, taskConfig } from '../../../internal/dev/testing/task-config.ts';
import { binaries, taskPod } from './task-pod-manifest.ts';

/** A task and its Pod. */
export interface TaskInCluster extends NamespaceContract {
  /** The fake agent's script. */
  readonly agent?: readonly string[];
  /** Fields of the configuration that add to the usual ones or replace them. */
  readonly fields?: ConfigFields;
  /** Flags of run-task. */
  readonly flags?: readonly string[];
  readonly image?: string;
  readonly answers?: Answers;
  /** The Pod's labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The Pod's own grace period. The default is longer than any test. */
  readonly graceSeconds?: number;
  /** Changes the Pod before it is created. */
  readonly adjust?: (spec: PodSpec) => void;
}

/** How a task in a Pod has ended. */
export interface EndedTaskPod {
  /** The kubelet's status of the task's container. */
  readonly end: ContainerStateTerminated;
  /** The calls that reached the runner API, in order: `unclaim`, `fail`. */
  readonly calls: readonly string[];
  /** The message of the last fail event. */
  readonly message: string;
  /** The pids of the job's processes that were alive at a call of the runner API, or after the container's end. */
  readonly left: readonly number[];
}

/** A task in a Pod in its own namespace, with its own runner API outside of the cluster. */
export class TaskPod implements AsyncDisposable {
  readonly name: PodName;
  readonly api: FakeRunnerApi;
  readonly config: TaskConfig;
  readonly #namespace: TestNamespace;
  readonly #marker: string;
  readonly #left: number[];

  private constructor(
    { name, api, config }: Pick<TaskPod, 'name' | 'api' | 'config'>,
    namespace: TestNamespace,
    marker: string,
    left: number[],
  ) {
    this.name = name;
    this.api = api;
    this.config = config;
    this.#namespace = namespace;
    this.#marker = marker;
    this.#left = left;
  }

  static async create(task: TaskInCluster = {}): Promise<TaskPod> {
    const {
      agent = [],
      fields = {},
      flags = [],
      image = images.bare,
      graceSeconds = 600,
      labels = {},
    } = task;
    const marker = randomUUID();
    const left: number[] = [];
    await using resources = new AsyncDisposableStack();
    const api = resources.use(
      await startFakeRunnerApi({
        host: addresses.machine,
        answers: task.answers ?? {},
        onRequest: () => left.push(...processesWith(marker)),
      }),
    );
    const task_agent_path = [`${binaries}/circleci-agent`, ...agent].join(' ');
    const config = taskConfig({ runner_api_base_url: api.url, task_agent_path, ...fields });
    const namespace = resources.use(await createNamespace(task));
    const environment = [{ name: 'MARKER_OF_THIS_TASK', value: marker }];
    const pod = taskPod({ secret: 'task', image, flags, environment, graceSeconds, labels });
    task.adjust?.(pod.spec);
    await createSecret(namespace.name, { config: JSON.stringify(config) });
    const name = await createPod(namespace.name, pod);
    resources.move();
    return new TaskPod({ name, api, config }, namespace, marker, left);
  }

  /** Waits for a match in the output of the task's container. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return waitForLog(this.name, 'task', pattern);
  }

  /** The output of the task's container so far. */
  log(): Promise<string> {
    return readLog(this.name, 'task');
  }

  /** Makes a file in /shared. */
  async touch(file: string): Promise<void> {
    const pid = await waitForPod(this.name, 'PID 1', (pod) => firstProcessOf(pod, 'task'));
    makeFileFor(pid, `/shared/${file}`);
  }

  /** The current state of the Pod, or its last one after its deletion. */
  read(): Promise<Pod> {
    return readPod(this.name);
  }

  /** Waits for the end of the task's container. */
  async finish(): Promise<EndedTaskPod> {
    const end = await waitForEnd(this.name, 'task');
    const { requests } = this.api;
    const log = await this.log();
    expect(log + JSON.stringify(end)).not.toContain(this.config.token);
    const left = [...this.#left, ...processesWith(this.#marker)];
    return { end, calls: callsIn(requests), message: lastMessageIn(requests), left };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#namespace[Symbol.asyncDispose]();
    await this.api.close();
  }
}

async function createSecret(namespace: string, stringData: Record<string, string>): Promise<void> {
  const body = { metadata: { name: 'task' }, stringData };
  await callApiServer(`/api/v1/namespaces/${namespace}/secrets`, { method: 'POST', body });
}

/** Runs a task in a Pod to its end. */
export async function runTaskPod(task: TaskInCluster = {}): Promise<EndedTaskPod> {
  await using pod = await TaskPod.create(task);
  return await pod.finish();
}
