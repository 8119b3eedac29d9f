import { randomInt } from 'node:crypto';
import type { Gateway, KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isPassing, isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { Turns } from '../../internal/turns.ts';
import { wordsOf } from '../objects/words-of.ts';
import { managedSelector } from '../pod/own-metadata.ts';
import type { SshEndpoint } from '../pod/pod-plan.ts';
import { endOf, primaryOf } from '../verdict/container.ts';
import type { KnownPod } from '../verdict/known-pod.ts';

/** The objects that make jobs reachable by SSH from outside. The operator's chart creates them. */
export interface SshEntrance {
  /** The name of the Gateway. Its listeners are called `ssh-<port>`. */
  readonly gateway: string;
  /** The name of the Service behind it. It finds a Pod by the name of the Pod's port. */
  readonly service: string;
}

/** The names of listeners for jobs with SSH. The ports of Pods have the same names. */
const listenerName = /^ssh-\d+$/;

/** No SSH port can be given to a job now. The message says what to look at. */
export class NoSshPortError extends Error {
  override readonly name = 'NoSshPortError';
  /** Whether a later try may succeed. */
  readonly passing: boolean;

  constructor(message: string, passing: boolean, cause?: unknown) {
    super(message, { cause });
    this.passing = passing;
  }
}

/**
 * The ports of the Gateway. Each belongs to at most one live Pod of all replicas. However many tasks ask, the Pods are
 * listed by one request after the other, because a list takes memory.
 */
export class SshPorts {
  readonly #client: KubernetesClient;
  readonly #entrance: SshEntrance;
  readonly #ending: AbortSignal;
  /** Ports of this replica's tasks whose Pods may not be listed yet. */
  readonly #reserved = new Set<string>();
  readonly #lists = new Turns();
  /** The list of all Pods that has not begun yet. */
  #nextList: Promise<UsedPorts[]> | undefined;

  /** @param ending ends all requests */
  constructor(client: KubernetesClient, entrance: SshEntrance, ending: AbortSignal) {
    this.#client = client;
    this.#entrance = entrance;
    this.#ending = ending;
  }

  /**
   * Reserves a port that no live Pod has. The caller has to release it.
   *
   * @throws NoSshPortError, or the reason of `ending`
   */
  async reserve(): Promise<SshEndpoint> {
    const gateway = await this.#readGateway();
    const ports = await this.#servedPorts(gateway);
    const taken = await this.#takenPorts();
    const free = ports.filter(({ name }) => !taken.has(name) && !this.#reserved.has(name));
    const chosen = free[randomInt(Math.max(free.length, 1))];
    if (chosen === undefined)
      throw new NoSshPortError(
        `all ${ports.length} ports of the Gateway ${this.#entrance.gateway} for jobs with SSH are taken. Look at agent.ssh.numPorts of the chart`,
        true,
      );
    const advertiseAddress = addressOf(gateway, chosen.port);
    this.#reserved.add(chosen.name);
    return { portName: chosen.name, port: chosen.port, advertiseAddress };
  }

  /** Makes the port available to other tasks. */
  release({ portName }: SshEndpoint): void {
    this.#reserved.delete(portName);
  }

  /**
   * Whether an older Pod has the same port. Of all Pods with a port, only the oldest keeps it.
   *
   * A first list has the Pods that exist now. Most often, it shows no other Pod with the port. If it does, a second list
   * has the Pods as they were when this one was created, and so none that is younger. Creation times cannot tell which
   * Pod is older, because they are in whole seconds.
   *
   * @param pod the API server's answer to its creation
   * @throws KubernetesError, NoAnswerError, or the reason of `ending`
   */
  async hasOlderRival({ portName }: SshEndpoint, pod: KnownPod): Promise<boolean> {
    const { resourceVersion = '', uid } = pod.metadata ?? {};
    const hasRival = (pods: readonly UsedPorts[]) =>
      pods.some((other) => other.uid !== uid && other.ports.includes(portName));
    if (!hasRival(await this.#listPorts())) return false;
    const selection = { labelSelector: managedSelector };
    const list = () => this.#client.pods.listAt(resourceVersion, selection, this.#ending, usedPorts);
    return hasRival(await this.#lists.take(list));
  }

  /**
   * The SSH port of a Pod, if another live Pod has the same one.
   *
   * @throws KubernetesError, NoAnswerError, NoSshPortError, or the reason of `ending`
   */
  async findShared(pod: KnownPod): Promise<number | undefined> {
    const own = portsOf(pod);
    if (own.length === 0) return undefined;
    const served = await this.#servedPorts(await this.#readGateway());
    const others = (await this.#listPorts()).filter(({ uid }) => uid !== pod.metadata?.uid);
    const taken = others.flatMap(({ ports }) => ports);
    return served.find(({ name }) => own.includes(name) && taken.includes(name))?.port;
  }

  #readGateway(): Promise<Gateway> {
    return this.#get('Gateway', this.#client.gateways.get(this.#entrance.gateway, this.#ending));
  }

  async #servedPorts({ spec }: Gateway) {
    const listeners = (spec?.listeners ?? []).filter(({ name }) => listenerName.test(name));
    if (this.#entrance.service === '') return listeners;
    const { service: name } = this.#entrance;
    const service = await this.#get('Service', this.#client.services.get(name, this.#ending));
    const targets = (service.spec?.ports ?? []).map(({ targetPort }) => targetPort);
    return listeners.filter(({ name }) => targets.includes(name));
  }

  async #takenPorts(): Promise<Set<string>> {
    try {
      return new Set((await this.#listPorts()).flatMap(({ ports }) => ports));
    } catch (error) {
      this.#ending.throwIfAborted();
      // 410: reading the pages of the list took too long.
      const passing = isPassing(error) || isStatus(error, 410);
      throw new NoSshPortError(`the Pods cannot be listed: ${wordsOf(error)}`, passing, error);
    }
  }

  /** Lists what exists now, not what existed when a list began that is under way. All who ask share the next list. */
  #listPorts(): Promise<UsedPorts[]> {
    this.#nextList ??= this.#lists.take(() => {
      this.#nextList = undefined;
      return this.#client.pods.list({ labelSelector: managedSelector }, this.#ending, usedPorts);
    });
    return this.#nextList;
  }

  async #get<T>(kind: string, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      this.#ending.throwIfAborted();
      const help = isStatus(error, 403, 404) ? '. Look at agent.ssh of the chart, and at its Role' : '';
      throw new NoSshPortError(
        `the ${kind} for jobs with SSH cannot be read: ${wordsOf(error)}${help}`,
        isPassing(error),
        error,
      );
    }
  }
}

/** The address for clients, as `host:port`. An IPv6 address is in brackets (RFC 3986). */
function addressOf({ metadata, status }: Gateway, port: number): string {
  const [address] = status?.addresses ?? [];
  if (address === undefined)
    throw new NoSshPortError(
      `the Gateway ${metadata?.name} has no address yet. Look at its status, and at its controller`,
      true,
    );
  const { value } = address;
  return `${value.includes(':') ? `[${value}]` : value}:${port}`;
}

/** The names of the SSH ports that a Pod uses: none if its job has ended, though services may run on. */
interface UsedPorts {
  readonly uid: string | undefined;
  readonly ports: readonly string[];
}

function usedPorts(pod: KnownPod): UsedPorts {
  const uid = pod.metadata?.uid;
  try {
    const primary = primaryOf(pod);
    const hasEnded = primary !== undefined && endOf(primary) !== undefined;
    const isLive = !hasEnded && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';
    return { uid, ports: isLive ? portsOf(pod) : [] };
  } catch {
    // A malformed Pod. Two jobs may get its port, but all the others still get theirs.
    return { uid, ports: [] };
  }
}

function portsOf({ spec }: KnownPod): string[] {
  const ports = (spec?.containers ?? []).flatMap(({ ports = [] }) => ports.flatMap(({ name }) => name ?? []));
  return ports.filter((name) => listenerName.test(name));
}
