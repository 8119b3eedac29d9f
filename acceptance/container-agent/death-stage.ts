import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Administrator } from '../../internal/dev/fake-kubelet/administrator.ts';
import { FakeKubelet } from '../../internal/dev/fake-kubelet/fake-kubelet.ts';
import { orchestratorAgent } from '../../internal/dev/fake-kubelet/fake-orchestrator.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { SeenRequest } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import type { ProgrammedAnswer } from '../../internal/dev/runner-api/programmed-answer.ts';
import type { ReceivedRequest } from '../../internal/dev/runner-api/received-requests.ts';
import { names as manifest, rulesFor } from '../../internal/dev/testing/cluster/controller-manifest.ts';
import { grantedBy } from '../../internal/dev/testing/cluster/rights.ts';
import {
  type ControllerApis,
  collection,
  names,
  startControllerApis,
  tokens,
} from '../../internal/dev/testing/start-controller.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ControllerLife, type PlannedBlow } from './controller-life.ts';
import { nameOf, rightFor } from './controller-requests.ts';
import { OneClaimQueue } from './one-claim-queue.ts';
import { leftovers, type Outcome, outcomeOfLastTask, type Witnesses } from './outcome.ts';
import { type Replica, Replicas } from './replicas.ts';
import { rival, surroundings } from './surroundings.ts';
import type { TaskStory } from './task-story.ts';

/**
 * The successor of a controller that was killed. `replaced`: another instance, while a second replica lives.
 * `inherited`: another instance, which is alone.
 */
export type Succession = 'restarted' | 'replaced' | 'inherited';

/** The answer to a request without effect. */
const nowhere: ProgrammedAnswer = { status: 503, fault: 'hang' };

/** How long a claim without work is held, so that no test waits for the next one. Less than a client waits, ms. */
const holdMs = 20_000;

/** How often the last successor looks for what is left. An heir deletes its predecessors' locks when the Pod is gone. */
const lastSweepsEvery: Readonly<Record<Succession, string>> = {
  restarted: '1h',
  replaced: '1h',
  inherited: '200ms',
};

/** More than the other successor takes to look for tasks, ms. */
const rivalMs = 10_000;

/** Two APIs, a kubelet, and controllers that are struck while they have a task. */
export class DeathStage implements AsyncDisposable {
  readonly #story: TaskStory;
  readonly #succession: Succession;
  readonly #resources = new AsyncDisposableStack();
  readonly #queue = new OneClaimQueue({ [names.resourceClass]: tokens.ofClass });
  /** The controllers that wait for work. */
  readonly #idle = new Set<string>();
  readonly #rights = new Set<string>();
  /** How often the API server has refused to create the task's Pod. */
  #refused = 0;
  #apis!: ControllerApis;
  #kubelet!: FakeKubelet;
  #replicas!: Replicas;
  #instances = 0;
  #controller: Replica | undefined;
  /** The successors of a replica that is gone, once they have looked for its tasks. */
  #rivals: Set<string> | undefined;
  /** The life of the controller that is to be struck. */
  #life: ControllerLife | undefined;

  private constructor(story: TaskStory, succession: Succession) {
    this.#story = story;
    this.#succession = succession;
  }

  static async start(story: TaskStory, succession: Succession): Promise<DeathStage> {
    const stage = new DeathStage(story, succession);
    await stage.#setUp();
    return stage;
  }

  async #setUp(): Promise<void> {
    const queue = this.#queue;
    const apis = this.#resources.use(
      await startControllerApis({
        tasks: queue,
        intercept: (request) => this.#receive(request),
        onRequest: (request) => queue.noteRequest(request, {}),
      }),
    );
    this.#apis = apis;
    this.#replicas = this.#resources.use(new Replicas(apis));
    apis.kubernetes.hasKubelet = true;
    apis.kubernetes.intercept = (request, response) => this.#see(request, response);
    const resourceClasses = { [names.resourceClass]: this.#story.resourceClass ?? {} };
    await writeFile(apis.variables.KUBE_TASK_POD_CONFIG ?? '', JSON.stringify({ resourceClasses }));
    for (const [path, objects] of Object.entries(surroundings))
      for (const object of objects) apis.kubernetes.put(path, object as StoredObject);
    const administrator = this.#resources.use(new Administrator({ url: apis.kubernetesUrl }));
    this.#kubelet = this.#resources.use(
      new FakeKubelet({
        ...{ administrator, namespace: names.namespace, runnerApiUrl: apis.runnerApi.url },
        nodes: { names: ['node-a'] },
        storyOf: () => this.#story.story,
      }),
    );
    if (this.#succession === 'replaced')
      await this.#replicas.start('standby', { KUBE_TOKEN_SECRETS: '', KUBE_GC_INTERVAL: '200ms' });
  }

  /** Lets a controller run a task to its end. @returns its requests, in order */
  async run(): Promise<readonly string[]> {
    const life = await this.#submit(undefined);
    await this.#over();
    return life.effects;
  }

  /**
   * Lets a controller run a task, and strikes it with the first blow. The next blow strikes its successor, which finds
   * the task, and so on.
   *
   * @returns the outcome of the task, and the effective requests of the controller that was struck last
   */
  async strike(...blows: readonly [PlannedBlow, ...PlannedBlow[]]): Promise<[Outcome, readonly string[]]> {
    const [first, ...others] = blows;
    let life = await this.#submit(first);
    await this.#suffer(life);
    for (const blow of others) {
      life = await this.#succeed(blow);
      await this.#suffer(life);
    }
    if (life.isToDie) await this.#succeed(undefined, lastSweepsEvery[this.#succession]);
    await this.#over();
    return [outcomeOfLastTask(this.#witnesses), life.effects];
  }

  /** Lets a successor of a killed controller run the task that it finds. @returns its requests, in order */
  async findTask(first: PlannedBlow): Promise<readonly string[]> {
    await this.#suffer(await this.#submit(first));
    const { effects } = await this.#succeed(undefined);
    await this.#over();
    return effects;
  }

  /** The controllers' requests that their Role does not allow, and the ways they ended that are wrong. */
  async misconduct(): Promise<string[]> {
    const granted = grantedBy(await rulesFor(manifest.controller));
    const ssh = ['get services', 'get gateway.networking.k8s.io/gateways'];
    const excess = [...this.#rights].filter((right) => !granted.has(right) && !ssh.includes(right));
    return [...excess, ...this.#replicas.badEnds];
  }

  async #submit(blow: PlannedBlow | undefined): Promise<ControllerLife> {
    const controller = this.#present ?? (await this.#startNext());
    await this.#until('the controller to wait for work', () => this.#idle.has(controller.name));
    const life = new ControllerLife(controller.name, blow);
    this.#life = life;
    const task_id = `task${this.#queue.tasks.length}`;
    this.#refused = 0;
    this.#queue.submit({
      resourceClass: names.resourceClass,
      configuration: { task_id, ...this.#story.configuration },
      retries: this.#story.retries,
    });
    this.#idle.clear();
    return life;
  }

  async #suffer(life: ControllerLife): Promise<void> {
    const struck = this.#controller;
    await this.#until(`the request ${life.blow?.request}`, () => life.isStruck);
    if (!life.isToDie || struck === undefined) return;
    await struck.program.exited;
    if (this.#succession === 'restarted') return;
    if (this.#succession === 'replaced') this.#rivals = new Set();
    this.#replicas.removePod(struck);
  }

  async #succeed(blow: PlannedBlow | undefined, sweepsEvery?: string): Promise<ControllerLife> {
    const name = this.#replicas.nextName(this.#nextInstance());
    const life = new ControllerLife(name, blow);
    this.#life = life;
    await this.#startNext(sweepsEvery);
    return life;
  }

  /** Waits until no controller has anything to do any more. */
  async #over(): Promise<void> {
    const isIdle = () => {
      const { name } = this.#present ?? {};
      return name === undefined || (this.#idle.has(name) && !this.#replicas.isLeaving(name));
    };
    await this.#until('all to be over', () => isIdle() && leftovers(this.#apis.kubernetes).length === 0);
    this.#apis.kubernetes.remove(collection('pods'), rival.metadata.name);
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    await waitFor(what, condition).catch((error: unknown) => {
      const story = {
        ...outcomeOfLastTask(this.#witnesses),
        requests: this.#life?.effects,
        log: this.#replicas.log().slice(-40),
      };
      throw new Error(
        `${error instanceof Error ? error.message : error}: ${JSON.stringify(story, undefined, 1)}`,
      );
    });
  }

  get #witnesses(): Witnesses {
    const { kubernetes, runnerApi } = this.#apis;
    return { kubernetes, runnerApi, kubelet: this.#kubelet, queue: this.#queue };
  }

  /** The controller that claims, unless it has ended. */
  get #present(): Replica | undefined {
    return this.#controller && this.#replicas.lives(this.#controller.name) ? this.#controller : undefined;
  }

  #nextInstance(): string {
    return `agent-${this.#succession === 'restarted' ? 1 : this.#instances + 1}`;
  }

  async #startNext(sweepsEvery = '1h'): Promise<Replica> {
    const instance = this.#nextInstance();
    this.#instances++;
    const variables = { KUBE_GC_INTERVAL: sweepsEvery, ...this.#story.variables };
    this.#controller = await this.#replicas.start(instance, variables);
    return this.#controller;
  }

  /** Handles a request to the API server. @returns whether it has no effect */
  async #see(request: SeenRequest, response: ServerResponse): Promise<boolean> {
    const name = request.authorization?.replace('Bearer ', '') ?? '';
    if (!this.#replicas.knows(name)) return false;
    const { right } = rightFor(request);
    this.#rights.add(right);
    if (right === 'list secrets') await this.#waitForRival(name);
    const isLost = this.#life?.name === name && !right.startsWith('watch ') && this.#meet(nameOf(request));
    return isLost || (nameOf(request) === 'create pods/TASK' && this.#obstruct(response));
  }

  /** Lets happen what hinders the creation of the task's Pod. @returns whether the API server has refused it */
  #obstruct(response: ServerResponse): boolean {
    const { hasRival = false, refusals = [] } = this.#story;
    if (hasRival) this.#apis.kubernetes.put(collection('pods'), rival);
    const refusal = refusals[this.#refused++];
    if (refusal === undefined) return false;
    sendStatus(response, ...refusal);
    return true;
  }

  /** When a replica is gone, its two successors look for its tasks at the same moment. */
  async #waitForRival(name: string): Promise<void> {
    const rivals = this.#rivals;
    rivals?.add(name);
    const endMs = performance.now() + rivalMs;
    while (rivals?.size === 1 && performance.now() < endMs) await pause(2);
  }

  /** Handles a request to the runner API. */
  async #receive(request: ReceivedRequest): Promise<ProgrammedAnswer | undefined> {
    const { call = '', headers, json } = request;
    if (headers['user-agent'] === orchestratorAgent) return undefined;
    if (call !== 'claim') return this.#meet(call) ? nowhere : undefined;
    const { name } = json as { name: string };
    if (!(await this.#waitForWork(name))) return this.#replicas.isLeaving(name) ? { status: 204 } : nowhere;
    if (this.#meet(call)) return nowhere;
    // This makes the answer come after the signal.
    if (this.#replicas.isLeaving(name)) await this.#replicas.drainBegun(name);
    return undefined;
  }

  /** @returns whether there is work for a controller */
  async #waitForWork(name: string): Promise<boolean> {
    const mayClaim = () => this.#replicas.lives(name) && !this.#replicas.isLeaving(name);
    const endMs = performance.now() + holdMs;
    const hasWork = () => this.#queue.tasks.some(({ state }) => state === 'queued');
    while (mayClaim() && !hasWork() && performance.now() < endMs) {
      this.#idle.add(name);
      await pause(2);
    }
    this.#idle.delete(name);
    return mayClaim();
  }

  /** @returns whether the request has no effect */
  #meet(request: string): boolean {
    const life = this.#life;
    if (life === undefined || !this.#replicas.lives(life.name)) return false;
    const { kind, name } = life.meet(request);
    const { cancelledAt, drainsAt } = this.#story;
    if (name === cancelledAt || kind === 'cancelled at') this.#cancel();
    if (kind?.startsWith('SIGKILL')) this.#replicas.kill(life.name);
    else if (kind === 'SIGTERM at' || name === drainsAt) this.#replicas.terminate(life.name);
    return kind === 'SIGKILL before';
  }

  #cancel(): void {
    const { state, taskId = '' } = this.#queue.tasks.at(-1) ?? {};
    if (state === 'claimed') this.#queue.cancel(taskId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
