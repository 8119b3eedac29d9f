import { existsSync } from 'node:fs';
import type { Node, NodeList } from 'kubernetes-types/core/v1.d.ts';
import { delay } from '../../delay.ts';
import type { Administrator } from './administrator.ts';
import { apiTime } from './pod-status.ts';

/** A node that is silent for 50 s counts as gone (kube-controller-manager, --node-monitor-grace-period), ms. */
const heartbeatMs = 10_000;

/** Nodes without a machine. Their taint keeps other Pods away. The fake kubelet binds its own Pods itself. */
export class FakeNodes implements AsyncDisposable {
  readonly names: readonly [string, ...string[]];
  readonly #administrator: Administrator;
  readonly #end = new AbortController();
  #beating: Promise<void> = Promise.resolve();

  private constructor(administrator: Administrator, names: readonly [string, ...string[]]) {
    this.#administrator = administrator;
    this.names = names;
  }

  /** Registers two nodes with this prefix, and removes the nodes of killed processes. */
  static async register(administrator: Administrator, prefix: string): Promise<FakeNodes> {
    const list = await administrator.get<NodeList>(`/api/v1/nodes?labelSelector=${ownerLabel}`);
    for (const { metadata: { labels, name } = {} } of list?.items ?? []) {
      if (existsSync(`/proc/${labels?.[ownerLabel]}`)) continue;
      await administrator.change('DELETE', `/api/v1/nodes/${name}`, {});
    }
    const nodes = new FakeNodes(administrator, [`${prefix}-1`, `${prefix}-2`]);
    for (const name of nodes.names) await administrator.change('POST', '/api/v1/nodes', buildNode(name));
    nodes.#beating = nodes.#beat();
    return nodes;
  }

  async #beat(): Promise<void> {
    do {
      for (const name of this.names) {
        const conditions = [{ ...ready, lastHeartbeatTime: apiTime(), lastTransitionTime: apiTime() }];
        const path = `/api/v1/nodes/${name}/status`;
        await this.#administrator.change('PATCH', path, { status: { conditions } });
      }
    } while (await delay(heartbeatMs, this.#end.signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#beating.catch(() => {});
    for (const name of this.names) await this.#administrator.change('DELETE', `/api/v1/nodes/${name}`, {});
  }
}

/** The process that will remove it. */
const ownerLabel = 'fake-kubelet.test/owner';
const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'it is a fake' } as const;
const platform = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
const room = { cpu: '1000', memory: '1Ti', pods: '100000' };

function buildNode(name: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...platform, [ownerLabel]: `${process.pid}` } },
    spec: { taints: [{ key: 'fake-kubelet.test/fake', effect: 'NoSchedule' }], unschedulable: true },
    status: { capacity: room, allocatable: room },
  };
}
