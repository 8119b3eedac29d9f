import type { Node, NodeSpec } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import * as z from 'zod/mini';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { askedMs } from '../../internal/back-off.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';
import { findProblem } from '../schema/describe-issue.ts';

/** How long a list of nodes is used, ms. Nodes come and go, but rarely with another operating system. */
const freshMs = 60_000;
/** The pause after a list that has failed, ms. A server may ask for a longer one. */
const failedMs = 10_000;

/** A node with only the fields that decide whether a Pod fits it. Every `Node` is one, too. */
export interface KnownNode {
  readonly metadata?: Pick<ObjectMeta, 'name' | 'labels'>;
  readonly spec?: Pick<NodeSpec, 'taints'>;
}

/** The last list of the cluster's nodes. They are not watched, because the chart only gives the right to list them. */
export class KnownNodes {
  readonly #client: KubernetesClient;
  readonly #logger: ControllerLogger;
  #last: readonly KnownNode[] | undefined;
  #reading: Promise<void> | undefined;
  /** When tasks may ask for a list again, on the monotonic clock, ms. */
  #nextMs = Number.NEGATIVE_INFINITY;
  /** Whether the API server refused the last list. */
  #isDenied = false;

  constructor(client: KubernetesClient, logger: ControllerLogger) {
    this.#client = client;
    this.#logger = logger;
  }

  /** Lists the nodes now. @throws KubernetesError, or the signal's reason */
  async refresh(signal: AbortSignal): Promise<readonly KnownNode[]> {
    const nodes = await this.#client.nodes.list({}, signal, readNode);
    const list = nodes.flatMap(({ known }) => known ?? []);
    const malformed = nodes.length - list.length;
    const first = nodes.find(({ problem }) => problem !== undefined);
    if (first !== undefined)
      this.#logger.warn('a node is malformed, and left out', {
        node: first.name,
        problem: first.problem,
        'nodes.malformed': malformed,
      });
    this.#last = list;
    this.#nextMs = performance.now() + freshMs;
    this.#isDenied = false;
    return list;
  }

  /**
   * The last list, even if it is old: a claimed task waits only for the very first list.
   *
   * @returns none if they cannot be listed
   * @throws the signal's reason
   */
  async recent(signal: AbortSignal): Promise<readonly KnownNode[]> {
    if (performance.now() >= this.#nextMs) {
      this.#reading ??= this.#read(signal).finally(() => {
        this.#reading = undefined;
      });
    }
    if (this.#last === undefined) await this.#reading;
    signal.throwIfAborted();
    return this.#last ?? [];
  }

  /** Never rejects. */
  async #read(signal: AbortSignal): Promise<void> {
    try {
      await this.refresh(signal);
    } catch (error) {
      if (signal.aborted) return;
      const wasDenied = this.#isDenied;
      this.#isDenied = isStatus(error, 403);
      this.#nextMs = performance.now() + this.#pauseMs(error);
      if (!wasDenied || !this.#isDenied) this.#logger.warn('the nodes cannot be listed', { error });
    }
  }

  /** How long tasks do not ask again after this error, ms. A missing right may come back, as after a change of roles. */
  #pauseMs(error: unknown): number {
    if (this.#isDenied) return freshMs;
    return this.#last === undefined ? 0 : Math.max(failedMs, askedMs(error));
  }
}

const text = z.optional(z.string());
const nodeShape = z.object({
  metadata: z.object({ name: z.string(), labels: z.optional(z.record(z.string(), z.string())) }),
  spec: z.optional(
    z.object({ taints: z.optional(z.array(z.object({ key: text, value: text, effect: text }))) }),
  ),
});

/** @returns what is known of a node, or what is wrong with it, and its name if it has one */
function readNode(node: Node): { known?: KnownNode; name?: string; problem?: string } {
  const problem = findProblem(nodeShape, node);
  if (problem === undefined) return { known: knownNode(node) };
  const name: unknown = node.metadata?.name;
  return { problem, ...(typeof name === 'string' ? { name } : {}) };
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
