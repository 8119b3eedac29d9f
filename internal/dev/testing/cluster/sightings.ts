import type { Pod, PodList, Secret, SecretList } from 'kubernetes-types/core/v1.d.ts';
import { delay } from '../../../delay.ts';
import { ApiServerError, callApiServer } from '../../cluster/api-server.ts';

const everyMs = 250;
const taskAnnotation = 'app.circleci.com/task-id';

/** Watches the Pods and Secrets of tasks in a namespace. */
export class Sightings implements AsyncDisposable {
  readonly #path: string;
  readonly #end = new AbortController();
  readonly #looking: Promise<void>;
  readonly #pods = new Map<string, Pod>();
  #present: readonly (Pod | Secret)[] = [];
  #looks = 0;
  #error: unknown;

  constructor(namespace: string) {
    this.#path = `/api/v1/namespaces/${namespace}`;
    this.#looking = this.#look().catch((error: unknown) => {
      this.#error = error;
    });
  }

  /**
   * The last view of each Pod, including those that are gone, the oldest first.
   *
   * @throws the error that prevents looking
   */
  pods(taskId: string): Pod[] {
    this.#check();
    return [...this.#pods.values()].filter((pod) => isOf(pod, taskId));
  }

  /** All Pods so far. */
  get all(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  /** The number of looks so far. */
  get looks(): number {
    return this.#looks;
  }

  /** The names of a task's existing objects. @throws the error that prevents looking */
  left(taskId: string): string[] {
    this.#check();
    return this.#present.filter((object) => isOf(object, taskId)).map(({ metadata }) => metadata?.name ?? '');
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Looks once. While the API server is away, nothing is seen. */
  async #look(): Promise<void> {
    do {
      const answers = ['pods', 'secrets'].map((kind) => callApiServer(`${this.#path}/${kind}`));
      const lists = await Promise.all(answers).catch(unlessAway);
      if (lists === undefined) continue;
      const [{ items: pods }, { items: secrets }]: [PodList, SecretList] = [
        JSON.parse(lists[0] ?? ''),
        JSON.parse(lists[1] ?? ''),
      ];
      for (const pod of pods) this.#pods.set(pod.metadata?.uid ?? '', pod);
      this.#present = [...pods, ...secrets];
      this.#looks++;
    } while (await delay(everyMs, this.#end.signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#looking;
  }
}

/** Ignores a missing answer, or one of a server that has just started or cannot reach its store. */
function unlessAway(error: unknown): undefined {
  if (error instanceof ApiServerError && (error.status ?? 0) < 500) throw error;
}

function isOf({ metadata }: Pod | Secret, taskId: string): boolean {
  return metadata?.annotations?.[taskAnnotation] === taskId;
}
