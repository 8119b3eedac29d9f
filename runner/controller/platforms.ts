import type { Node } from 'kubernetes-types/core/v1.d.ts';
import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import type { ResourceClass } from '../classes/resource-classes.ts';
import { objectIn } from '../json.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';
import { linux, type PodPlatform, windows } from '../pod/platform.ts';

const osLabel = 'kubernetes.io/os';
/** Nodes come and go, but hardly ever with another operating system, ms. */
const freshMs = 60_000;

/**
 * Which operating system the Pods of a class are for: what their node selector says, else that of the nodes that it
 * fits, else Linux.
 */
export class Platforms {
  readonly #client: KubernetesClient | undefined;
  readonly #logger: ControllerLogger;
  #nodes: { readonly list: readonly Node[]; readonly atMs: number } | undefined;
  #denied = false;

  /** @param client undefined: nodes are not to be looked at */
  constructor(client: KubernetesClient | undefined, logger: ControllerLogger) {
    this.#client = client;
    this.#logger = logger;
  }

  async platformFor({ spec }: ResourceClass, signal: AbortSignal): Promise<PodPlatform> {
    const selector = objectIn(spec, 'nodeSelector');
    const os = objectIn(spec, 'os').name ?? selector[osLabel];
    if (os === 'windows' || os === 'linux') return os === 'windows' ? windows : linux;
    const nodes = await this.#list(signal);
    const fitting = nodes.filter(({ metadata }) =>
      Object.entries(selector).every(([key, value]) => metadata?.labels?.[key] === value),
    );
    const systems = new Set(fitting.map(({ metadata }) => metadata?.labels?.[osLabel]));
    return systems.size === 1 && systems.has('windows') ? windows : linux;
  }

  async #list(signal: AbortSignal): Promise<readonly Node[]> {
    if (this.#client === undefined || this.#denied) return [];
    if (this.#nodes !== undefined && performance.now() - this.#nodes.atMs < freshMs) return this.#nodes.list;
    try {
      const list: Node[] = [];
      let from = '';
      do {
        const page = await this.#client.nodes.listPage({}, from, signal);
        list.push(...page.items);
        from = page.next;
      } while (from !== '');
      this.#nodes = { list, atMs: performance.now() };
      return list;
    } catch (error) {
      signal.throwIfAborted();
      this.#denied = isStatus(error, 403);
      this.#logger.warn('the nodes cannot be listed, so Pods are made for Linux', { error });
      return this.#nodes?.list ?? [];
    }
  }
}
