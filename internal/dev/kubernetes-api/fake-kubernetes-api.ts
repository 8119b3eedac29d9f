import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Listening, startListening } from '../testing/start-listening.ts';
import { mergePatch } from './merge-patch.ts';
import { isSelected, type StoredObject } from './selection.ts';

export type { StoredObject } from './selection.ts';

const collections = new Set(['pods', 'secrets', 'events', 'nodes', 'services', 'gateways']);

/** One request as it came in. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

interface ObjectEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: StoredObject;
}

/** What a test does with a request instead of the server; true: it is dealt with. */
export type Intercept = (request: SeenRequest, response: ServerResponse) => boolean | Promise<boolean>;

/**
 * A small API server: objects by path, lists in pages, watches from a resource version on, selectors, and a hook with
 * which a test makes it behave badly. It knows no schemas.
 */
export class FakeKubernetesApi {
  readonly requests: SeenRequest[] = [];
  /** Objects a page of a list has at most. */
  pageSize = 500;
  /** Whether a Pod on a node stays until its kubelet says that it has ended: there has to be one. */
  hasKubelet = false;
  intercept: Intercept = () => false;
  readonly #objects = new Map<string, StoredObject>();
  readonly #history: { readonly version: number; readonly path: string; readonly event: ObjectEvent }[] = [];
  readonly #watches = new Set<Watch>();
  #listening: Listening | undefined;
  #version = 100;
  /** Versions before this one are not known any more. */
  #oldest = 0;

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
    const path = `${collection}/${object.metadata.name}`;
    const before = this.#objects.get(path);
    const metadata = {
      uid: `uid-${this.#version}`,
      creationTimestamp: new Date().toISOString(),
      ...before?.metadata,
      ...object.metadata,
      resourceVersion: String(++this.#version),
    };
    const stored = { ...object, metadata };
    this.#objects.set(path, stored);
    this.#tell(collection, { type: before === undefined ? 'ADDED' : 'MODIFIED', object: stored });
    return stored;
  }

  /** Deletes an object. */
  remove(collection: string, name: string): void {
    const path = `${collection}/${name}`;
    const object = this.#objects.get(path);
    if (object === undefined) return;
    this.#objects.delete(path);
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    this.#tell(collection, { type: 'DELETED', object: { ...object, metadata } });
  }

  get(collection: string, name: string): StoredObject | undefined {
    return this.#objects.get(`${collection}/${name}`);
  }

  /** The names of a collection's objects. */
  names(collection: string): string[] {
    return [...this.#objects.keys()].flatMap((path) => {
      const [parent, name] = splitPath(path);
      return parent === collection ? [name] : [];
    });
  }

  /** Forgets what happened: watches from earlier versions are answered 410. */
  forgetHistory(): void {
    this.#history.length = 0;
    this.#oldest = ++this.#version;
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

  /** How many watches are open. */
  get watches(): number {
    return this.#watches.size;
  }

  #tell(path: string, event: ObjectEvent): void {
    this.#history.push({ version: this.#version, path, event });
    for (const watch of this.#watches) send(watch, path, event);
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
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(request);
    if (await this.intercept(request, response)) return;
    if (searchParams.get('watch') === 'true') return this.#watch(request, response);
    const { body, status } = this.#answer(request);
    sendJson(response, status, body);
  }

  #answer(request: SeenRequest): Answer {
    const { body, method, path, query } = request;
    const [collection, name] = splitPath(path);
    if (/\/pods\/[^/]+\/(binding|status)$/.test(path)) return this.#change(collection, name, body);
    const object = this.#objects.get(path);
    if (method === 'POST') return this.#create(path, body as StoredObject);
    if (object === undefined && method === 'GET' && collections.has(name)) return this.#list(path, query);
    if (object === undefined) return refusal(404, 'NotFound', `${name} not found`);
    if (method === 'GET') return { status: 200, body: object };
    return this.#delete(collection, object, (body ?? {}) as DeleteOptions);
  }

  #delete(collection: string, object: StoredObject, options: DeleteOptions): Answer {
    const { spec = {} } = object as PodLike;
    const { gracePeriodSeconds = spec.terminationGracePeriodSeconds ?? 30, preconditions } = options;
    if (preconditions?.uid !== undefined && preconditions.uid !== object.metadata.uid) {
      return refusal(409, 'Conflict', 'the UID in the precondition is another one');
    }
    if (!this.hasKubelet || spec.nodeName === undefined || gracePeriodSeconds === 0) {
      this.remove(collection, object.metadata.name);
      return { status: 200, body: { kind: 'Status', status: 'Success' } };
    }
    const deletionTimestamp = new Date(Date.now() + gracePeriodSeconds * 1000).toISOString();
    const metadata = { deletionTimestamp, ...object.metadata };
    return { status: 200, body: this.put(collection, { ...object, metadata }) };
  }

  /** What a scheduler and a kubelet do to a Pod. @param path the Pod's */
  #change(path: string, subresource: string, body: unknown): Answer {
    const pod = this.#objects.get(path);
    const [collection, name] = splitPath(path);
    if (pod === undefined) return refusal(404, 'NotFound', `${name} not found`);
    const { target, metadata, status } = body as Change;
    if (metadata?.uid !== undefined && metadata.uid !== pod.metadata.uid) {
      return refusal(409, 'Conflict', 'the UID is that of another Pod');
    }
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

  #list(collection: string, query: URLSearchParams): Answer {
    const exact = query.get('resourceVersionMatch') === 'Exact' ? query.get('resourceVersion') : '';
    const [start, at] = (query.get('continue') ?? `0@${exact}`).split('@').map(Number);
    const there = at ? this.#collectionAt(collection, at) : this.#collection(collection);
    const all = there.filter((object) => isSelected(object, query));
    const end = (start ?? 0) + Math.min(this.pageSize, Number(query.get('limit') ?? this.pageSize));
    const metadata = {
      resourceVersion: String(at || this.#version),
      ...(end < all.length ? { continue: `${end}@${at}` } : {}),
    };
    return { status: 200, body: { metadata, items: all.slice(start, end) } };
  }

  #collection(collection: string): StoredObject[] {
    return [...this.#objects].flatMap(([path, object]) =>
      splitPath(path)[0] === collection ? [object] : [],
    );
  }

  /** The objects as they were at a version. */
  #collectionAt(collection: string, at: number): StoredObject[] {
    const objects = new Map<string, StoredObject>();
    for (const { event, path, version } of this.#history) {
      if (path !== collection || version > at) continue;
      if (event.type === 'DELETED') objects.delete(event.object.metadata.name);
      else objects.set(event.object.metadata.name, event.object);
    }
    return [...objects.values()];
  }

  #watch({ path, query }: SeenRequest, response: ServerResponse): void {
    const version = Number(query.get('resourceVersion'));
    if (version < this.#oldest) {
      sendStatus(response, 410, 'Expired', 'too old resource version');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    const watch = { path, query, response };
    this.#watches.add(watch);
    response.once('close', () => this.#watches.delete(watch));
    for (const entry of this.#history) if (entry.version > version) send(watch, entry.path, entry.event);
  }
}

interface Watch {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
}

function send(watch: Watch, path: string, event: ObjectEvent): void {
  if (watch.path !== path || !isSelected(event.object, watch.query)) return;
  watch.response.write(`${JSON.stringify(event)}\n`);
}

/** What decides how a Pod is deleted. */
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

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** The collection and the name of a path. */
function splitPath(path: string): [collection: string, name: string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, slash), path.slice(slash + 1)];
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Answers with a Status, as the API server does for all that is no success. */
export function sendStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  const { body, status } = refusal(code, reason, message);
  sendJson(response, status, body);
}

function refusal(code: number, reason: string, message: string): Answer {
  return { status: code, body: { kind: 'Status', status: 'Failure', code, reason, message } };
}
