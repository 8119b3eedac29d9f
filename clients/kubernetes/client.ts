import type { Event, Node, Pod, Secret, Service } from 'kubernetes-types/core/v1.d.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import {
  AnswerTooLongError,
  isMissingRight,
  isPassing,
  isStatus,
  NoAnswerError,
} from './kubernetes-error.ts';
import {
  type KubernetesObject,
  type ListPage,
  readPage,
  requireDeletion,
  requireName,
} from './read-answer.ts';
import {
  events,
  gateways,
  nodes,
  pods,
  type Resource,
  resourcePath,
  secrets,
  services,
  type Verb,
} from './resources.ts';
import type { KubernetesRequest, Transport } from './transport.ts';

/** Selects objects of a kind. Both fields have the syntax of the API. */
export interface Selection {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** The moment that a list shows: Kubernetes documentation, "Kubernetes API Concepts", "Resource versions". */
interface AtVersion {
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

/** The content of a list. */
interface ListContent {
  /** The media type of the answer. */
  readonly accept?: string;
  readonly at?: AtVersion;
  /** A longer list is endless, bytes. By default, only its pages are counted. */
  readonly maxBytes?: number;
}

export interface DeleteOptions {
  /** Deletes only the object with this uid: another one may have its name by now. */
  readonly uid?: string | undefined;
  /** Undefined: the object's own. */
  readonly gracePeriodSeconds?: number | undefined;
}

export interface LogRequest {
  readonly pod: string;
  readonly container: string;
  readonly follow: boolean;
  /** RFC 3339. Undefined: from the beginning of the log. */
  readonly sinceTime?: string | undefined;
  readonly tailLines?: number;
}

const usualPageSize = 100;
const usualMaxListBytes = 256 << 20;
/** The most that is kept of a list, as characters of JSON. A list with more is endless. */
const mostKept = 256 << 20;

/** A million events, or 200,000 other objects: more Pods than a cluster can have. A list with more pages is endless. */
const maxPages = 2000;

/**
 * How long a page other than the first is asked for, ms. Otherwise, a list of hundreds of pages would begin again with
 * each short outage. API servers know the list's version for five minutes (etcd-compaction-interval). The caller decides
 * whether a list that cannot begin is tried again.
 */
const pagePatienceMs = 60_000;
const pageBackoff: Backoff = { first: 200, longest: 5000 };

/** Kubernetes documentation, "Kubernetes API Concepts", "Metadata-only fetches". */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** The objects of one kind. */
export class Objects<T extends KubernetesObject> {
  readonly resource: Resource;
  readonly #transport: Transport;
  readonly #namespace: string;

  constructor(transport: Transport, resource: Resource, namespace: string) {
    this.#transport = transport;
    this.resource = resource;
    this.#namespace = namespace;
  }

  /** @throws KubernetesError, NoAnswerError */
  async get(name: string, signal: AbortSignal): Promise<T> {
    return requireName<T>(await this.#transport.send(this.#request('get', name), signal), name);
  }

  /** Like {@link get}. @returns undefined if no object has that name */
  async find(name: string, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await this.get(name, signal);
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /**
   * @param object raw JSON. All its fields are sent.
   * @throws KubernetesError, NoAnswerError
   */
  async create(object: unknown, signal: AbortSignal): Promise<T> {
    const answer = await this.#transport.send({ ...this.#request('create'), body: object }, signal);
    return requireName<T>(answer, (object as KubernetesObject).metadata?.name);
  }

  /**
   * @returns the object in the state in which it was deleted, or undefined if the API server only confirms the deletion
   * @throws KubernetesError, NoAnswerError
   */
  async delete(
    name: string,
    { uid, gracePeriodSeconds }: DeleteOptions,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    };
    const answer = await this.#transport.send({ ...this.#request('delete', name), body }, signal);
    return requireDeletion<T>(answer, name);
  }

  /** The pages of a list, each read on demand. @throws KubernetesError (410: it took too long), NoAnswerError */
  pages(selection: Selection, signal: AbortSignal): AsyncGenerator<ListPage<T>> {
    return this.#pages(selection, signal, { maxBytes: this.resource.maxListBytes ?? usualMaxListBytes });
  }

  /**
   * A whole list, read page by page.
   *
   * @param extract the part of each object to return: thousands of whole objects would fill the memory
   * @throws as {@link pages}
   */
  list<Part>(selection: Selection, signal: AbortSignal, extract: (object: T) => Part): Promise<Part[]> {
    return this.#extractAll(this.#pages(selection, signal), extract);
  }

  /**
   * Like {@link list}, as it was at a resource version, for example at the one that an object was created with.
   *
   * @throws as {@link list}. 410: the API server no longer knows that version
   */
  listAt<Part>(
    resourceVersion: string,
    selection: Selection,
    signal: AbortSignal,
    extract: (object: T) => Part,
  ): Promise<Part[]> {
    const exact = { resourceVersion, resourceVersionMatch: 'Exact' };
    return this.#extractAll(this.#pages(selection, signal, { at: exact }), extract);
  }

  /** Like {@link list}. The API server sends only the objects' metadata. */
  listMetadata<Part>(
    selection: Selection,
    signal: AbortSignal,
    extract: (object: KubernetesObject) => Part,
  ): Promise<Part[]> {
    const pages = this.#pages<KubernetesObject>(selection, signal, { accept: metadataOnly });
    return this.#extractAll(pages, extract);
  }

  /** The bytes of a watch. @throws KubernetesError, NoAnswerError */
  openWatch(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    return this.#transport.stream({ ...this.#request('watch'), query: { ...query, watch: 'true' } }, signal);
  }

  async *#pages<Item = T>(
    selection: Selection,
    signal: AbortSignal,
    { accept, at = {}, maxBytes = Number.POSITIVE_INFINITY }: ListContent = {},
  ): AsyncGenerator<ListPage<Item>> {
    const { pageSize = usualPageSize } = this.resource;
    let from = '';
    let listBytes = 0;
    let limit = pageSize;
    for (let count = 1; ; count++) {
      // The token of a further page includes the resource version.
      const place = from === '' ? at : { continue: from };
      const query = { ...selection, ...place, limit: String(limit) };
      const request = { ...this.#request('list'), query, ...(accept === undefined ? {} : { accept }) };
      let read: { body: object; bytes: number };
      try {
        read = await this.#readPage(request, from === '' ? 0 : pagePatienceMs, signal);
      } catch (error) {
        // Most objects have a few KB, but one may have more than a MB.
        if (!(error instanceof AnswerTooLongError) || limit === 1) throw error;
        limit = Math.ceil(limit / 4);
        continue;
      }
      const { body, bytes } = read;
      const { next, ...page } = readPage<Item>(body, this.resource.name);
      listBytes += bytes;
      yield page;
      if (next === '') return;
      if (page.items.length === 0 || count === maxPages || listBytes > maxBytes) throw this.#endless();
      from = next;
    }
  }

  async #readPage(request: KubernetesRequest, patienceMs: number, signal: AbortSignal) {
    const endMs = performance.now() + patienceMs;
    for (let failures = 1; ; failures++) {
      try {
        return await this.#transport.sendSized(request, signal);
      } catch (error) {
        // An API server that has just started knows no Roles yet.
        const mayPass = (isPassing(error) && !(error instanceof AnswerTooLongError)) || isMissingRight(error);
        if (!mayPass || performance.now() >= endMs) throw error;
        await pauseAfter(failures, pageBackoff, error, signal);
        signal.throwIfAborted();
      }
    }
  }

  async #extractAll<Item, Part>(
    pages: AsyncIterable<ListPage<Item>>,
    extract: (object: Item) => Part,
  ): Promise<Part[]> {
    const parts: Part[] = [];
    let kept = 0;
    for await (const page of pages) {
      for (const object of page.items) {
        const part = extract(object);
        kept += JSON.stringify(part)?.length ?? 0;
        parts.push(part);
      }
      if (kept > mostKept) throw this.#endless();
    }
    return parts;
  }

  #endless(): NoAnswerError {
    return new NoAnswerError(`the list of ${this.resource.name} at the Kubernetes API does not end`);
  }

  #request(verb: Verb, name?: string): KubernetesRequest {
    const path = resourcePath(this.resource, this.#namespace, name);
    return { verb, resource: this.resource.name, path };
  }
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
