import type { Node } from 'kubernetes-types/core/v1.d.ts';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import type { ResourceClass } from '../classes/resource-classes.ts';
import { objectIn } from '../json.ts';
import { selectsNode, toleratesNode } from '../nodes/fits-node.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';
import { archLabel, linux, osLabel, type PodPlatform, windows } from '../pod/platform.ts';

/** Nodes come and go, but hardly ever with another operating system, ms. */
const freshMs = 60_000;

/**
 * For which operating system the Pods of a class are: what their template says, else that of the nodes on which they
 * can be scheduled, else Linux, on which this program runs.
 */
export class Platforms {
  readonly #client: KubernetesClient | undefined;
  readonly #logger: ControllerLogger;
  #nodes: { readonly list: readonly Node[]; readonly atMs: number } | undefined;
  #reading: Promise<void> | undefined;
  #denied = false;

  /** @param client undefined: nodes are not to be looked at */
  constructor(client: KubernetesClient | undefined, logger: ControllerLogger) {
    this.#client = client;
    this.#logger = logger;
  }

  /** @throws the signal's reason */
  async platformFor({ spec }: ResourceClass, signal: AbortSignal): Promise<PodPlatform> {
    const nodes = this.#client === undefined ? [] : await this.#list(this.#client, signal);
    const fitting = nodes.filter((node) => selectsNode(spec, node) && toleratesNode(spec, node));
    const systems = valuesOf(fitting, osLabel);
    const given = objectIn(spec, 'os').name ?? objectIn(spec, 'nodeSelector')[osLabel];
    const isWindows =
      given === 'windows' || (given === undefined && systems.size === 1 && systems.has('windows'));
    const platform = isWindows ? windows : linux;
    const suited = fitting.filter(
      ({ metadata }) => (metadata?.labels?.[osLabel] ?? platform.os) === platform.os,
    );
    return {
      ...platform,
      mixed: { systems: systems.size > 1, architectures: valuesOf(suited, archLabel).size > 1 },
    };
  }

  /** What is known, though it may be old: a claimed task waits for the nodes only where nobody has ever asked. */
  async #list(client: KubernetesClient, signal: AbortSignal): Promise<readonly Node[]> {
    const isFresh = this.#nodes !== undefined && performance.now() - this.#nodes.atMs < freshMs;
    if (!isFresh && !this.#denied) {
      this.#reading ??= this.#read(client, signal).finally(() => {
        this.#reading = undefined;
      });
    }
    if (this.#nodes === undefined) await this.#reading;
    signal.throwIfAborted();
    return this.#nodes?.list ?? [];
  }

  /** Never rejects. */
  async #read(client: KubernetesClient, signal: AbortSignal): Promise<void> {
    try {
      const list = await client.nodes.list({}, signal);
      this.#nodes = { list, atMs: performance.now() };
    } catch (error) {
      if (signal.aborted) return;
      this.#denied = isStatus(error, 403);
      this.#logger.warn('the nodes cannot be listed', { error });
    }
  }
}

function valuesOf(nodes: readonly Node[], label: string): ReadonlySet<string> {
  return new Set(nodes.flatMap(({ metadata }) => metadata?.labels?.[label] ?? []));
}
