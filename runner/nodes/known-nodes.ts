import type { Node, NodeSpec } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';

/** How long a list of nodes is used, ms. Nodes come and go, but rarely with another operating system. */
const freshMs = 60_000;

/** A node with only the fields that decide whether a Pod fits it. Every `Node` is one, too. */
export interface KnownNode {
  readonly metadata?: Pick<ObjectMeta, 'name' | 'labels'>;
  readonly spec?: Pick<NodeSpec, 'taints'>;
}

/** The last list of the cluster's nodes. They are not watched, because the chart only gives the right to list them. */
export class KnownNodes {
  readonly #client: KubernetesClient;
  readonly #logger: ControllerLogger;
  #last: { readonly list: readonly KnownNode[]; readonly atMs: number } | undefined;
  #reading: Promise<void> | undefined;
  #denied = false;

  constructor(client: KubernetesClient, logger: ControllerLogger) {
    this.#client = client;
    this.#logger = logger;
  }

  /** Lists the nodes now. @throws KubernetesError, or the signal's reason */
  async refresh(signal: AbortSignal): Promise<readonly KnownNode[]> {
    const list = await this.#client.nodes.list({}, signal, knownNode);
    this.#last = { list, atMs: performance.now() };
    return list;
  }

  /**
   * The last list, even if it is old: a claimed task waits only for the very first list.
   *
   * @returns none if they cannot be listed
   * @throws the signal's reason
   */
  async recent(signal: AbortSignal): Promise<readonly KnownNode[]> {
    const isFresh = this.#last !== undefined && performance.now() - this.#last.atMs < freshMs;
    if (!isFresh && !this.#denied) {
      this.#reading ??= this.#read(signal).finally(() => {
        this.#reading = undefined;
      });
    }
    if (this.#last === undefined) await this.#reading;
    signal.throwIfAborted();
    return this.#last?.list ?? [];
  }

  /** Never rejects. */
  async #read(signal: AbortSignal): Promise<void> {
    try {
      await this.refresh(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#denied = isStatus(error, 403);
      this.#logger.warn('the nodes cannot be listed', { error });
    }
  }
}

/** Most of a node is the list of its images. */
function knownNode({ metadata, spec }: Node): KnownNode {
  const { labels, name } = metadata ?? {};
  const { taints } = spec ?? {};
  return {
    metadata: { ...(name && { name }), ...(labels && { labels }) },
    spec: { ...(taints && { taints }) },
  };
}
