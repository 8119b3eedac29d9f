import { randomBytes } from 'node:crypto';
import type { EventList, Pod, PodList } from 'kubernetes-types/core/v1.d.ts';
import type { PolicyRule } from 'kubernetes-types/rbac/v1.d.ts';
import { addresses } from '../../../internal/dev/cluster/addresses.ts';
import { ApiServerError, callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../../internal/dev/runner-api/fake-runner-api.ts';
import { parseJson } from '../../../internal/dev/runner-api/parse-json.ts';
import { TaskQueue } from '../../../internal/dev/runner-api/queue/task-queue.ts';
import { names } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { firstProcessOf } from '../../../internal/dev/testing/cluster/first-process.ts';
import { createNamespace } from '../../../internal/dev/testing/cluster/namespace.ts';
import { containerStatus, readLog } from '../../../internal/dev/testing/cluster/pod.ts';
import { Sightings } from '../../../internal/dev/testing/cluster/sightings.ts';
import { sendSignal } from '../../../internal/dev/testing/proc.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { expectRights, expectSecrecy, type Requests, requestsFrom } from './conduct.ts';
import { type ControllerDeployment, installController, linux } from './install-controller.ts';
import { patience } from './patience.ts';
import { type LogLine, SubmittedTask, submissionOf, type TaskContent } from './submitted-task.ts';

const healthPort = 7623;

/** A controller's answer to a health check. The status is 0 if it does not answer. */
interface HealthAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * The Deployment of examples/kubernetes/container-agent.yaml in its own namespace, and a runner API with a queue of
 * tasks. Disposing of it fails if the controller or a logging container did anything that its Role does not allow, or
 * if a token was shown.
 */
export class TestController implements AsyncDisposable {
  readonly namespace: string;
  readonly queue: TaskQueue;
  readonly sightings: Sightings;
  readonly #tokens: readonly string[];
  readonly #rights: readonly PolicyRule[];
  readonly #resources: AsyncDisposableStack;
  readonly #startMs = Date.now();
  readonly #tasks: SubmittedTask[] = [];
  readonly #logs = new Map<string, string>();
  #api: FakeRunnerApi;

  private constructor(
    { namespace, queue, sightings, api }: Pick<TestController, 'namespace' | 'queue' | 'sightings' | 'api'>,
    tokens: readonly string[],
    rights: readonly PolicyRule[],
    resources: AsyncDisposableStack,
  ) {
    this.namespace = namespace;
    this.queue = queue;
    this.sightings = sightings;
    this.#api = api;
    this.#tokens = tokens;
    this.#rights = rights;
    this.#resources = resources;
  }

  /** Installs it and waits until every replica is ready. */
  static async start(deployment: ControllerDeployment = {}): Promise<TestController> {
    const classes = Object.keys(deployment.classes ?? { [linux]: {} });
    const tokens = Object.fromEntries(
      classes.map((name) => [name, `class-token-${randomBytes(12).toString('hex')}`]),
    );
    const queue = new TaskQueue(tokens);
    await using unlessReady = new AsyncDisposableStack();
    const api = unlessReady.use(await startFakeRunnerApi({ host: addresses.machine, tasks: queue }));
    const { name: namespace } = unlessReady.use(await createNamespace(deployment));
    const place = { namespace, tokens, runnerApiUrl: api.url };
    unlessReady.use(await installController(deployment, place));
    const sightings = unlessReady.use(new Sightings(namespace));
    const resources = new AsyncDisposableStack();
    const parts = { namespace, queue, sightings, api };
    const controller = new TestController(parts, Object.values(tokens), deployment.rights ?? [], resources);
    await controller.ready(deployment.replicas ?? 1);
    resources.use(unlessReady.move());
    return controller;
  }

  get api(): FakeRunnerApi {
    return this.#api;
  }

  /** Stops the runner API during the action. Its tasks stay, its record starts again. */
  async withoutApi(action: () => Promise<void>): Promise<void> {
    const { port } = this.#api;
    await this.#api.close();
    await action();
    const place = { host: addresses.machine, port };
    this.#api = this.#resources.use(await startFakeRunnerApi({ ...place, tasks: this.queue }));
  }

  /** Queues a task. */
  submit(content: TaskContent = {}): SubmittedTask {
    const view = this.queue.submit(submissionOf(content));
    if (!content.comesAgain) this.#api.answer('unclaim', [{ status: 200 }], view.taskId);
    const task = new SubmittedTask(view, this);
    this.#tasks.push(task);
    return task;
  }

  /** The controllers' current Pods. */
  async pods(): Promise<Pod[]> {
    const selector = encodeURIComponent(`app=${names.controller}`);
    const path = `/api/v1/namespaces/${this.namespace}/pods?labelSelector=${selector}`;
    const list: PodList = JSON.parse(await callApiServer(path));
    return list.items;
  }

  async health({ status }: Pod, path: string): Promise<HealthAnswer> {
    try {
      const url = `http://${status?.podIP}:${healthPort}${path}`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
      return { status: answer.status, body: await answer.text() };
    } catch {
      return { status: 0, body: '' };
    }
  }

  /** Kills the process of a controller in its Pod, as the kernel would. */
  kill(pod: Pod | undefined): void {
    const pid = pod && firstProcessOf(pod, names.controller);
    if (pid === undefined) throw new Error('the controller does not run');
    sendSignal(pid, 'SIGKILL');
  }

  /** Waits until this many replicas are ready. */
  async ready(replicas: number): Promise<void> {
    let seen: unknown[] = [];
    const areReady = async () => {
      const pods = await this.pods();
      const answers = await Promise.all(pods.map((pod) => this.health(pod, '/ready')));
      seen = [answers, pods.map(({ status }) => status)];
      return answers.filter(({ status }) => status === 200).length === replicas;
    };
    await waitFor('the replicas to be ready', areReady, patience).catch(async (error: unknown) => {
      const words = error instanceof Error ? error.message : error;
      throw new Error(`${words}\n${JSON.stringify([seen, await this.log()], undefined, 2)}`);
    });
  }

  /** The lines of all replicas so far, including those that are gone. */
  async log(): Promise<LogLine[]> {
    for (const pod of await this.pods()) {
      const { name = '' } = pod.metadata ?? {};
      const text = await readLog({ namespace: this.namespace, name }, names.controller).catch(unlessMissing);
      const { containerID = '' } = containerStatus(pod, names.controller) ?? {};
      if (text !== undefined) this.#logs.set(containerID, text);
    }
    return [...this.#logs.values()].flatMap((text) => text.split('\n').flatMap(parseLine));
  }

  /** Waits for a line of the log. */
  async logged(what: string, condition: (line: LogLine) => boolean): Promise<LogLine> {
    return await waitFor(`${what} in the log`, async () => (await this.log()).find(condition), patience);
  }

  /** The requests of the controller and the logging containers to the API server so far. */
  requests(): Promise<Requests> {
    return requestsFrom(this.namespace, this.#startMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _resources = this.#resources;
    await expectRights(await this.requests(), this.#rights);
    const claims = this.#tasks.flatMap(({ view }) => view.claims);
    const events: EventList = JSON.parse(await callApiServer(`/api/v1/namespaces/${this.namespace}/events`));
    expectSecrecy(
      [...this.#tokens, ...claims.map(({ token }) => token)],
      [claims.map(({ steps }) => steps), this.#messages(), await this.log(), this.sightings.all, events],
    );
  }

  #messages(): string[] {
    return this.#tasks.flatMap(({ requests }) => requests.flatMap(({ message }) => message ?? []));
  }
}

/** Ignores that a container has no log, because it has not started or is gone. */
function unlessMissing(error: unknown): undefined {
  if (!(error instanceof ApiServerError && (error.status === 400 || error.status === 404))) throw error;
}

function parseLine(text: string): LogLine[] {
  const line = parseJson(text);
  return typeof line === 'object' && line !== null ? [line as LogLine] : text === '' ? [] : [{ text }];
}
