import { isStatus } from './kubernetes-error.ts';
import { extractAll, type ListRequest, listPages, type Selection } from './list-pages.ts';
import { type KubernetesObject, type ListPage, requireDeletion, requireName } from './read-answer.ts';
import { type Resource, resourcePath, type Verb } from './resources.ts';
import type { KubernetesRequest, Transport } from './transport.ts';

export interface DeleteOptions {
  /** Deletes only the object with this uid: another one may have its name by now. */
  readonly uid?: string | undefined;
  /** Undefined: the object's own. */
  readonly gracePeriodSeconds?: number | undefined;
}

const usualMaxListBytes = 256 << 20;

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
    const maxBytes = this.resource.maxListBytes ?? usualMaxListBytes;
    return listPages<T>(this.#transport, { ...this.#listOf(selection), maxBytes }, signal);
  }

  /**
   * A whole list, read page by page.
   *
   * @param extract the part of each object to return: thousands of whole objects would fill the memory
   * @throws as {@link pages}
   */
  list<Part>(selection: Selection, signal: AbortSignal, extract: (object: T) => Part): Promise<Part[]> {
    return extractAll(this.#transport, this.#listOf(selection), extract, signal);
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
    const at = { resourceVersion, resourceVersionMatch: 'Exact' };
    return extractAll(this.#transport, { ...this.#listOf(selection), at }, extract, signal);
  }

  /** Like {@link list}. The API server sends only the objects' metadata. */
  listMetadata<Part>(
    selection: Selection,
    signal: AbortSignal,
    extract: (object: KubernetesObject) => Part,
  ): Promise<Part[]> {
    const list = { ...this.#listOf(selection), accept: metadataOnly };
    return extractAll(this.#transport, list, extract, signal);
  }

  /** The bytes of a watch. @throws KubernetesError, NoAnswerError */
  openWatch(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    return this.#transport.stream({ ...this.#request('watch'), query: { ...query, watch: 'true' } }, signal);
  }

  #listOf(selection: Selection): ListRequest {
    return { resource: this.resource, path: resourcePath(this.resource, this.#namespace), selection };
  }

  #request(verb: Verb, name?: string): KubernetesRequest {
    const path = resourcePath(this.resource, this.#namespace, name);
    return { verb, resource: this.resource.name, path };
  }
}
