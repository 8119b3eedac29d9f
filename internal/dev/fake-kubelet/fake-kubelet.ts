import type { Pod, PodList } from 'kubernetes-types/core/v1.d.ts';
import type { Administrator } from './administrator.ts';
import { PodLife } from './pod-life.ts';
import { PodObjects } from './pod-objects.ts';
import { type PodRecord, recordOf, type StoryOf } from './pod-record.ts';

/** Pods with this scheduler are the fake kubelet's. */
export const schedulerName = 'fake-kubelet';

/** The Pods of a fake kubelet, and their stories. */
export interface FakeKubeletWork {
  readonly administrator: Administrator;
  /** The names of the nodes, for example from {@link FakeNodes}. */
  readonly nodes: { readonly names: readonly [string, ...string[]] };
  readonly namespace: string;
  readonly runnerApiUrl: string;
  readonly storyOf: StoryOf;
}

/** Selects the objects of tasks, as a part of a query. */
export const taskSelector = `labelSelector=${encodeURIComponent('app.kubernetes.io/managed-by=circleci-container-agent')}`;
const againAfterMs = 1000;

/**
 * The scheduler and the kubelet of all task Pods of a namespace, on nodes without a machine. They treat each Pod as its
 * story says. It also plays the orchestrator's part at the runner API. Thousands of Pods cost little.
 */
export class FakeKubelet implements AsyncDisposable {
  readonly #work: FakeKubeletWork;
  readonly #end = new AbortController();
  readonly #lives = new Map<string, PodLife>();
  readonly #watching: Promise<void>;
  /** All Pods so far. */
  readonly records: PodRecord[] = [];
  /** Errors of the fake kubelet itself. */
  readonly errors: unknown[] = [];

  constructor(work: FakeKubeletWork) {
    this.#work = work;
    this.#watching = this.#watch();
  }

  /** The number of existing Pods. */
  get pods(): number {
    return this.#lives.size;
  }

  async #watch(): Promise<void> {
    const path = `/api/v1/namespaces/${this.#work.namespace}/pods?${taskSelector}`;
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        for await (const { object, type } of this.#work.administrator.watch<Pod>(path, signal)) {
          if (type === 'DELETED') this.#vanish(object.metadata?.uid ?? '');
          else if (type === 'ADDED' || type === 'MODIFIED') this.#see(object);
        }
        await this.#findVanished(path);
      } catch (error) {
        if (signal.aborted) return;
        this.errors.push(error);
        await new Promise((resolve) => setTimeout(resolve, againAfterMs));
      }
    }
  }

  /** Finds Pods that were deleted between two watches. */
  async #findVanished(path: string): Promise<void> {
    const list = await this.#work.administrator.get<PodList>(path);
    const there = new Set(list?.items.map(({ metadata }) => metadata?.uid));
    for (const uid of this.#lives.keys()) if (!there.has(uid)) this.#vanish(uid);
  }

  #see(pod: Pod): void {
    const uid = pod.metadata?.uid ?? '';
    let life = this.#lives.get(uid);
    if (life === undefined) {
      life = this.#begin(pod);
      this.#lives.set(uid, life);
    }
    if (pod.metadata?.deletionTimestamp !== undefined) life.terminate();
  }

  #begin(pod: Pod): PodLife {
    const { administrator, nodes, runnerApiUrl, storyOf } = this.#work;
    const record = recordOf(pod, storyOf);
    const node = nodes.names[this.records.length % nodes.names.length] ?? nodes.names[0];
    this.records.push(record);
    const objects = new PodObjects(administrator, pod);
    const life = new PodLife(pod, { objects, record, node, runnerApiUrl });
    life.run().catch((error: unknown) => {
      if (!this.#end.signal.aborted) this.errors.push(error);
    });
    return life;
  }

  #vanish(uid: string): void {
    this.#lives.get(uid)?.vanish();
    this.#lives.delete(uid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    for (const life of this.#lives.values()) life.vanish();
    await this.#watching;
  }
}
