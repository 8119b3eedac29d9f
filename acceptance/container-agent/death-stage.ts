import { writeFile } from 'node:fs/promises';
import { Administrator } from '../../internal/dev/fake-kubelet/administrator.ts';
import { FakeKubelet } from '../../internal/dev/fake-kubelet/fake-kubelet.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { names as manifest, rulesFor } from '../../internal/dev/testing/cluster/controller-manifest.ts';
import { grantedBy } from '../../internal/dev/testing/cluster/rights.ts';
import {
  collection,
  names,
  startControllerApis,
  tokens,
} from '../../internal/dev/testing/start-controller.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ControllerLife, type PlannedBlow } from './controller-life.ts';
import { OneClaimQueue } from './one-claim-queue.ts';
import { leftovers, type Outcome, outcomeOfLastTask, type Witnesses } from './outcome.ts';
import { type Replica, Replicas } from './replicas.ts';
import { RequestGate } from './request-gate.ts';
import { rival, surroundings } from './surroundings.ts';
import type { TaskStory } from './task-story.ts';

/**
 * The successor of a controller that was killed. `replaced`: another instance, while a second replica lives.
 * `inherited`: another instance, which is alone.
 */
export type Succession = 'restarted' | 'replaced' | 'inherited';

/** How often the last successor looks for what is left. An heir deletes its predecessors' locks when the Pod is gone. */
const lastSweepsEvery: Readonly<Record<Succession, string>> = {
  restarted: '1h',
  replaced: '1h',
  inherited: '200ms',
};

/** Two APIs, a kubelet, and the gate before the APIs, for a task of this story. */
async function setUp(story: TaskStory, resources: AsyncDisposableStack) {
  const queue = new OneClaimQueue({ [names.resourceClass]: tokens.ofClass });
  const apis = resources.use(
    await startControllerApis({
      tasks: queue,
      intercept: (request) => gate.receive(request),
      onRequest: (request) => queue.noteRequest(request, {}),
    }),
  );
  const { kubernetes, kubernetesUrl, runnerApi } = apis;
  const replicas = resources.use(new Replicas(apis));
  const gate = new RequestGate({ kubernetes, queue, replicas, story });
  kubernetes.hasKubelet = true;
  kubernetes.intercept = (request, response) => gate.see(request, response);
  const resourceClasses = { [names.resourceClass]: story.resourceClass ?? {} };
  await writeFile(apis.variables.KUBE_TASK_POD_CONFIG ?? '', JSON.stringify({ resourceClasses }));
  for (const [path, objects] of Object.entries(surroundings))
    for (const object of objects) kubernetes.put(path, object as StoredObject);
  const administrator = resources.use(new Administrator({ url: kubernetesUrl }));
  const kubelet = resources.use(
    new FakeKubelet({
      ...{ administrator, namespace: names.namespace, runnerApiUrl: runnerApi.url },
      nodes: { names: ['node-a'] },
      storyOf: () => story.story,
    }),
  );
  return { gate, kubelet, kubernetes, queue, replicas, runnerApi };
}

/** Controllers that are struck while they have a task. */
export class DeathStage implements AsyncDisposable {
  readonly #story: TaskStory;
  readonly #succession: Succession;
  readonly #witnesses: Witnesses;
  readonly #queue: OneClaimQueue;
  readonly #gate: RequestGate;
  readonly #replicas: Replicas;
  readonly #resources: AsyncDisposableStack;
  #instances = 0;
  #controller: Replica | undefined;

  private constructor(
    story: TaskStory,
    succession: Succession,
    { gate, replicas, ...witnesses }: Awaited<ReturnType<typeof setUp>>,
    resources: AsyncDisposableStack,
  ) {
    this.#story = story;
    this.#succession = succession;
    this.#witnesses = witnesses;
    this.#queue = witnesses.queue;
    this.#gate = gate;
    this.#replicas = replicas;
    this.#resources = resources;
  }

  static async start(story: TaskStory, succession: Succession): Promise<DeathStage> {
    await using resources = new AsyncDisposableStack();
    const actors = await setUp(story, resources);
    if (succession === 'replaced')
      await actors.replicas.start('standby', { KUBE_TOKEN_SECRETS: '', KUBE_GC_INTERVAL: '200ms' });
    return new DeathStage(story, succession, actors, resources.move());
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
    const excess = [...this.#gate.rights].filter((right) => !granted.has(right) && !ssh.includes(right));
    return [...excess, ...this.#replicas.badEnds];
  }

  async #submit(blow: PlannedBlow | undefined): Promise<ControllerLife> {
    const controller = this.#present ?? (await this.#startNext());
    await this.#until('the controller to wait for work', () => this.#gate.isIdle(controller.name));
    const life = new ControllerLife(controller.name, blow);
    this.#gate.follow(life);
    const task_id = `task${this.#queue.tasks.length}`;
    this.#queue.submit({
      resourceClass: names.resourceClass,
      configuration: { task_id, ...this.#story.configuration },
      retries: this.#story.retries,
    });
    this.#gate.expectClaim();
    return life;
  }

  async #suffer(life: ControllerLife): Promise<void> {
    const struck = this.#controller;
    await this.#until(`the request ${life.blow?.request}`, () => life.isStruck);
    if (!life.isToDie || struck === undefined) return;
    await struck.program.exited;
    if (this.#succession === 'restarted') return;
    if (this.#succession === 'replaced') this.#gate.expectRivals();
    this.#replicas.removePod(struck);
  }

  async #succeed(blow: PlannedBlow | undefined, sweepsEvery?: string): Promise<ControllerLife> {
    const name = this.#replicas.nextName(this.#nextInstance());
    const life = new ControllerLife(name, blow);
    this.#gate.follow(life);
    await this.#startNext(sweepsEvery);
    return life;
  }

  /** Waits until no controller has anything to do any more. */
  async #over(): Promise<void> {
    const isIdle = () => {
      const { name } = this.#present ?? {};
      return name === undefined || (this.#gate.isIdle(name) && !this.#replicas.isLeaving(name));
    };
    await this.#until('all to be over', () => isIdle() && leftovers(this.#witnesses.kubernetes).length === 0);
    this.#witnesses.kubernetes.remove(collection('pods'), rival.metadata.name);
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    await waitFor(what, condition).catch((error: unknown) => {
      const story = {
        ...outcomeOfLastTask(this.#witnesses),
        requests: this.#gate.life?.effects,
        log: this.#replicas.log().slice(-40),
      };
      throw new Error(
        `${error instanceof Error ? error.message : error}: ${JSON.stringify(story, undefined, 1)}`,
      );
    });
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
