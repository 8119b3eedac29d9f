import type { Event, Node, Pod, Secret, Service } from 'kubernetes-types/core/v1.d.ts';
import { Objects } from './objects.ts';
import type { KubernetesObject } from './read-answer.ts';
import { events, gateways, nodes, pods, resourcePath, secrets, services } from './resources.ts';
import type { Transport } from './transport.ts';

export interface LogRequest {
  readonly pod: string;
  readonly container: string;
  readonly follow: boolean;
  /** RFC 3339. Undefined: from the beginning of the log. */
  readonly sinceTime?: string | undefined;
  readonly tailLines?: number;
}

/** A Gateway with only the fields that this program reads (gateway.networking.k8s.io/v1). */
export interface Gateway extends KubernetesObject {
  readonly spec?: { readonly listeners?: readonly { readonly name: string; readonly port: number }[] };
  readonly status?: { readonly addresses?: readonly { readonly type?: string; readonly value: string }[] };
}

/** The kinds of objects that this program uses, in one namespace. */
export class KubernetesClient {
  readonly pods: Objects<Pod>;
  readonly secrets: Objects<Secret>;
  readonly events: Objects<Event>;
  readonly nodes: Objects<Node>;
  readonly services: Objects<Service>;
  readonly gateways: Objects<Gateway>;
  readonly #transport: Transport;
  readonly #namespace: string;

  constructor(transport: Transport, namespace: string) {
    this.#transport = transport;
    this.#namespace = namespace;
    this.pods = new Objects(transport, pods, namespace);
    this.secrets = new Objects(transport, secrets, namespace);
    this.events = new Objects(transport, events, namespace);
    this.nodes = new Objects(transport, nodes, namespace);
    this.services = new Objects(transport, services, namespace);
    this.gateways = new Objects(transport, gateways, namespace);
  }

  /** The bytes of a container's log. Each line begins with its time. @throws KubernetesError, NoAnswerError */
  openLog(log: LogRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const query = {
      container: log.container,
      timestamps: 'true',
      ...(log.follow ? { follow: 'true' } : {}),
      ...(log.sinceTime === undefined ? {} : { sinceTime: log.sinceTime }),
      ...(log.tailLines === undefined ? {} : { tailLines: String(log.tailLines) }),
    };
    const path = resourcePath(pods, this.#namespace, log.pod, 'log');
    return this.#transport.stream({ verb: 'get', resource: 'pods/log', path, query }, signal);
  }

  /** The time by the API server's clock, for comparison with its objects, ms since 1970. */
  nowMs(): number {
    return this.#transport.nowMs();
  }

  /** Ends every connection. */
  close(): Promise<void> {
    return this.#transport.close();
  }
}
