import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { orchestratorAgent } from '../../internal/dev/fake-kubelet/fake-orchestrator.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type {
  FakeKubernetesApi,
  SeenRequest,
} from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import type { ProgrammedAnswer } from '../../internal/dev/runner-api/programmed-answer.ts';
import type { ReceivedRequest } from '../../internal/dev/runner-api/received-requests.ts';
import { collection } from '../../internal/dev/testing/start-controller.ts';
import type { ControllerLife } from './controller-life.ts';
import { nameOf, rightFor } from './controller-requests.ts';
import type { OneClaimQueue } from './one-claim-queue.ts';
import type { Replicas } from './replicas.ts';
import { rival } from './surroundings.ts';
import type { TaskStory } from './task-story.ts';

/** The answer to a request without effect. */
const nowhere: ProgrammedAnswer = { status: 503, fault: 'hang' };

/** How long a claim without work is held, so that no test waits for the next one. Less than a client waits, ms. */
const holdMs = 20_000;

/** More than the other successor takes to look for tasks, ms. */
const rivalMs = 10_000;

/** What {@link RequestGate} acts on. */
interface Actors {
  readonly story: TaskStory;
  readonly kubernetes: FakeKubernetesApi;
  readonly queue: OneClaimQueue;
  readonly replicas: Replicas;
}

/** Sees each request of the controllers to both APIs, and lets happen what the story and the blow plan at it. */
export class RequestGate {
  readonly #story: TaskStory;
  readonly #kubernetes: FakeKubernetesApi;
  readonly #queue: OneClaimQueue;
  readonly #replicas: Replicas;
  /** The controllers that wait for work. */
  readonly #idle = new Set<string>();
  readonly #rights = new Set<string>();
  /** How often the API server has refused to create the task's Pod. */
  #refused = 0;
  /** The successors of a replica that is gone, once they have looked for its tasks. */
  #rivals: Set<string> | undefined;
  /** The life of the controller that is to be struck. */
  #life: ControllerLife | undefined;

  constructor({ kubernetes, queue, replicas, story }: Actors) {
    this.#story = story;
    this.#kubernetes = kubernetes;
    this.#queue = queue;
    this.#replicas = replicas;
  }

  get life(): ControllerLife | undefined {
    return this.#life;
  }

  /** The rights that the controllers have used, such as `create pods`. */
  get rights(): ReadonlySet<string> {
    return this.#rights;
  }

  /** Whether a controller waits for work. */
  isIdle(name: string): boolean {
    return this.#idle.has(name);
  }

  /** From now on, the blow of this life can strike its controller. */
  follow(life: ControllerLife): void {
    this.#life = life;
  }

  /** To be called when a task is queued. */
  expectClaim(): void {
    this.#refused = 0;
    this.#idle.clear();
  }

  /** To be called when a replica is gone. Its two successors will look for its tasks at the same moment. */
  expectRivals(): void {
    this.#rivals = new Set();
  }

  /** Handles a request to the API server. @returns whether it has no effect */
  async see(request: SeenRequest, response: ServerResponse): Promise<boolean> {
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
    if (hasRival) this.#kubernetes.put(collection('pods'), rival);
    const refusal = refusals[this.#refused++];
    if (refusal === undefined) return false;
    sendStatus(response, ...refusal);
    return true;
  }

  /** Holds a successor until the other one looks for tasks, too. */
  async #waitForRival(name: string): Promise<void> {
    const rivals = this.#rivals;
    rivals?.add(name);
    const endMs = performance.now() + rivalMs;
    while (rivals?.size === 1 && performance.now() < endMs) await pause(2);
  }

  /** Handles a request to the runner API. */
  async receive(request: ReceivedRequest): Promise<ProgrammedAnswer | undefined> {
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
}
