import type { Pod, PodStatus, Secret } from 'kubernetes-types/core/v1.d.ts';
import type { Administrator } from './administrator.ts';
import { apiTime, primaryName } from './pod-status.ts';

let events = 0;

/** A Pod at the API server, with the requests of a scheduler and a kubelet. */
export class PodObjects {
  readonly #administrator: Administrator;
  readonly #pod: Pod;
  readonly #collections: string;
  readonly #path: string;

  constructor(administrator: Administrator, pod: Pod) {
    const { name, namespace } = pod.metadata ?? {};
    this.#administrator = administrator;
    this.#pod = pod;
    this.#collections = `/api/v1/namespaces/${namespace}`;
    this.#path = `${this.#collections}/pods/${name}`;
  }

  /** @returns false if it is gone */
  async bind(node: string): Promise<boolean> {
    const target = { apiVersion: 'v1', kind: 'Node', name: node };
    const metadata = { name: this.#pod.metadata?.name };
    return await this.#administrator.change('POST', `${this.#path}/binding`, { metadata, target });
  }

  /** @returns false if it is gone */
  async setStatus(status: PodStatus): Promise<boolean> {
    const metadata = { uid: this.#pod.metadata?.uid };
    return await this.#administrator.change('PATCH', `${this.#path}/status`, { metadata, status });
  }

  /** Creates an event about a container of the Pod, or about the Pod itself. */
  async tell(
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    container: string | null = primaryName,
  ): Promise<void> {
    const { name, namespace, uid } = this.#pod.metadata ?? {};
    const about = { apiVersion: 'v1', kind: 'Pod', name, namespace, uid };
    await this.#administrator.change('POST', `${this.#collections}/events`, {
      metadata: { name: `${name}.${(++events).toString(16)}` },
      involvedObject: container === null ? about : { ...about, fieldPath: `spec.containers{${container}}` },
      ...{ type, reason, message, count: 1, source: { component: 'kubelet' } },
      ...{ firstTimestamp: apiTime(), lastTimestamp: apiTime() },
    });
  }

  /** @param graceSeconds undefined: the Pod's own */
  async delete(graceSeconds: number | undefined): Promise<void> {
    const preconditions = { uid: this.#pod.metadata?.uid };
    const grace = graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds };
    await this.#administrator.change('DELETE', this.#path, { preconditions, ...grace });
  }

  /** The orchestrator's token from the task's Secret. Undefined if there is no Secret. */
  async readToken(): Promise<string | undefined> {
    const path = `${this.#collections}/secrets/${this.#pod.metadata?.name}`;
    const secret = await this.#administrator.get<Secret>(path);
    const token = secret?.data?.['task-token'];
    return token === undefined ? undefined : Buffer.from(token, 'base64').toString('utf8');
  }
}
