import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Listening, startListening } from '../testing/start-listening.ts';
import { type Answer, refusal, sendJson, sendStatus } from './answers.ts';
import { mergePatch } from './merge-patch.ts';
import { type CollectionEvent, ObjectStore, type StoredObject, splitPath } from './object-store.ts';
import { isSelected } from './selection.ts';

const collections = new Set(['pods', 'secrets', 'events', 'nodes', 'services', 'gateways']);

/** One request as it came in. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
  readonly body: unknown;
}

/** A test's own handling of a request. True: the server must not answer it. */
export type Intercept = (request: SeenRequest, response: ServerResponse) => boolean | Promise<boolean>;

/**
 * A small API server: objects by path, lists in pages, watches from a resource version on, selectors, and a hook that
 * lets a test make it misbehave. It has no schemas.
 */
export class FakeKubernetesApi {
  readonly requests: SeenRequest[] = [];
  /** The most objects in a page of a list. */
  pageSize = 500;
  /** Whether a deleted Pod on a node stays until a kubelet confirms its end. A test then has to play the kubelet. */
  hasKubelet = false;
  intercept: Intercept = () => false;
  readonly #watches = new Set<Watch>();
  readonly #store = new ObjectStore((event) => {
    for (const watch of this.#watches) send(watch, event);
  });
  #listening: Listening | undefined;

  /** @returns its URL */
  async start(): Promise<string> {
    this.#listening = await startListening(
      createServer((request, response) => void this.#handle(request, response)),
    );
    return `http://127.0.0.1:${this.#listening.port}`;
  }

  async close(): Promise<void> {
    await this.#listening?.close();
  }

  /** Creates or replaces an object, which is kept as it is. @param collection such as `/api/v1/namespaces/n/pods` */
  put(collection: string, object: StoredObject): StoredObject {
    return this.#store.put(collection, object);
  }

  /** Deletes an object. */
  remove(collection: string, name: string): void {
    this.#store.remove(collection, name);
  }

  get(collection: string, name: string): StoredObject | undefined {
    return this.#store.get(collection, name);
  }

  /** The names of a collection's objects. */
  names(collection: string): string[] {
    return this.#store.all(collection).map(({ metadata }) => metadata.name);
  }

  /** Drops the history: watches from earlier versions get the answer 410. */
  forgetHistory(): void {
    this.#store.forgetHistory();
  }

  /** Writes to every open watch, and may end it. */
  sendToWatches(text: string, end: 'open' | 'end' | 'reset' = 'open'): void {
    for (const watch of this.#watches) {
      watch.response.write(text);
      if (end !== 'open') this.#watches.delete(watch);
      if (end === 'end') watch.response.end();
      if (end === 'reset') watch.response.socket?.resetAndDestroy();
    }
  }

  /** The number of open watches. */
  get watches(): number {
    return this.#watches.size;
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://x');
    const text = Buffer.concat(chunks).toString('utf8');
    const request: SeenRequest = {
      method: incoming.method ?? '',
      path: pathname,
      query: searchParams,
      authorization: incoming.headers.authorization,
      accept: incoming.headers.accept,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(request);
    if (await this.intercept(request, response)) return;
    if (searchParams.get('watch') === 'true') return this.#watch(request, response);
    const { body, status } = this.#answer(request);
    sendJson(response, status, body);
  }

  #answer(request: SeenRequest): Answer {
    const { body, method, path } = request;
    const [collection, name] = splitPath(path);
    if (/\/pods\/[^/]+\/(binding|status)$/.test(path)) return this.#change(collection, name, body);
    const object = this.get(collection, name);
    if (method === 'POST') return this.#create(path, body as StoredObject);
    if (object === undefined && method === 'GET' && collections.has(name)) return this.#list(path, request);
    if (object === undefined) return refusal(404, 'NotFound', `${name} not found`);
    if (method === 'GET') return { status: 200, body: object };
    return this.#delete(collection, object, (body ?? {}) as DeleteOptions);
  }

  #delete(collection: string, object: StoredObject, options: DeleteOptions): Answer {
    const { spec = {} } = object as PodLike;
    const { gracePeriodSeconds = spec.terminationGracePeriodSeconds ?? 30, preconditions } = options;
    if (preconditions?.uid !== undefined && preconditions.uid !== object.metadata.uid)
      return refusal(409, 'Conflict', 'the UID in the precondition is another one');
    if (!this.hasKubelet || spec.nodeName === undefined || gracePeriodSeconds === 0) {
      this.remove(collection, object.metadata.name);
      // Of Pods, the API server returns the last state.
      const isPod = collection.endsWith('/pods');
      return { status: 200, body: isPod ? object : { kind: 'Status', status: 'Success' } };
    }
    const deletionTimestamp = new Date(Date.now() + gracePeriodSeconds * 1000).toISOString();
    const metadata = { deletionTimestamp, ...object.metadata };
    return { status: 200, body: this.put(collection, { ...object, metadata }) };
  }

  /** Applies a scheduler's or kubelet's change to a Pod. @param path the Pod's */
  #change(path: string, subresource: string, body: unknown): Answer {
    const [collection, name] = splitPath(path);
    const pod = this.get(collection, name);
    if (pod === undefined) return refusal(404, 'NotFound', `${name} not found`);
    const { target, metadata, status } = body as Change;
    if (metadata?.uid !== undefined && metadata.uid !== pod.metadata.uid)
      return refusal(409, 'Conflict', 'the UID is that of another Pod');
    const changed =
      subresource === 'binding'
        ? mergePatch(pod, { spec: { nodeName: target?.name } })
        : mergePatch(pod, { status });
    return { status: 200, body: this.put(collection, changed as StoredObject) };
  }

  #create(collection: string, object: StoredObject): Answer {
    const { name } = object.metadata;
    if (this.get(collection, name) !== undefined)
      return refusal(409, 'AlreadyExists', `${name} already exists`);
    return { status: 201, body: this.put(collection, withEncodedData(object)) };
  }

  #list(collection: string, { accept = '', query }: SeenRequest): Answer {
    const exact = query.get('resourceVersionMatch') === 'Exact' ? query.get('resourceVersion') : '';
    const [start, at] = (query.get('continue') ?? `0@${exact}`).split('@').map(Number);
    const there = at ? this.#store.allAt(collection, at) : this.#store.all(collection);
    const all = there.filter((object) => isSelected(object, query));
    const end = (start ?? 0) + Math.min(this.pageSize, Number(query.get('limit') ?? this.pageSize));
    const metadata = {
      resourceVersion: String(at || this.#store.version),
      ...(end < all.length ? { continue: `${end}@${at}` } : {}),
    };
    const objects = all.slice(start, end);
    const items = accept.includes('as=PartialObjectMetadataList')
      ? objects.map((object) => ({ metadata: object.metadata }))
      : objects;
    return { status: 200, body: { kind: 'List', metadata, items } };
  }

  #watch({ path, query }: SeenRequest, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion'));
    const missed = this.#store.since(from);
    if (missed === undefined) {
      sendStatus(response, 410, 'Expired', 'too old resource version');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    const watch = { path, query, from, response };
    this.#watches.add(watch);
    response.once('close', () => this.#watches.delete(watch));
    for (const event of missed) send(watch, event);
  }
}

interface Watch {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Only later versions are sent, like a real API server does. */
  readonly from: number;
  readonly response: ServerResponse;
}

function send(watch: Watch, { collection, event }: CollectionEvent): void {
  if (watch.path !== collection || !isSelected(event.object, watch.query)) return;
  if (Number(event.object.metadata.resourceVersion) <= watch.from) return;
  watch.response.write(`${JSON.stringify(event)}\n`);
}

/** The fields that decide how a Pod is deleted. */
interface PodLike {
  readonly spec?: { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number };
}

interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string };
}

/** A binding, or a patch of a status. */
interface Change {
  readonly metadata?: { readonly uid?: string };
  readonly target?: { readonly name: string };
  readonly status?: object;
}

/** The API server keeps the `stringData` of a Secret as `data` (Secret API). */
function withEncodedData(
  object: StoredObject & { readonly stringData?: Record<string, string> },
): StoredObject {
  const { stringData, ...rest } = object;
  if (stringData === undefined) return object;
  const encoded = Object.entries(stringData).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  return { ...rest, data: Object.fromEntries(encoded) } as StoredObject;
}
