import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import { AnswerTooLongError, isMissingRight, isPassing, NoAnswerError } from './kubernetes-error.ts';
import { type ListPage, readPage } from './read-answer.ts';
import type { Resource } from './resources.ts';
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

/** A list to read. */
export interface ListRequest {
  readonly resource: Resource;
  readonly path: string;
  readonly selection: Selection;
  /** The media type of the answer. */
  readonly accept?: string;
  readonly at?: AtVersion;
  /** A list with more bytes counts as endless. Absent: only the number of its pages is limited. */
  readonly maxBytes?: number;
}

const usualPageSize = 100;
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

/** The pages of a list, each read on demand. @throws KubernetesError (410: it took too long), NoAnswerError */
export async function* listPages<Item>(
  transport: Transport,
  { accept, at = {}, maxBytes = Number.POSITIVE_INFINITY, path, resource, selection }: ListRequest,
  signal: AbortSignal,
): AsyncGenerator<ListPage<Item>> {
  let from = '';
  let listBytes = 0;
  let limit = resource.pageSize ?? usualPageSize;
  for (let count = 1; ; count++) {
    // The token of a further page includes the resource version.
    const place = from === '' ? at : { continue: from };
    const query = { ...selection, ...place, limit: String(limit) };
    const media = accept === undefined ? {} : { accept };
    const request: KubernetesRequest = { verb: 'list', resource: resource.name, path, query, ...media };
    let read: { body: object; bytes: number };
    try {
      read = await requestPage(transport, request, from === '' ? 0 : pagePatienceMs, signal);
    } catch (error) {
      // Most objects have a few KB, but one may have more than a MB.
      if (!(error instanceof AnswerTooLongError) || limit === 1) throw error;
      limit = Math.ceil(limit / 4);
      continue;
    }
    const { next, ...page } = readPage<Item>(read.body, resource.name);
    listBytes += read.bytes;
    yield page;
    if (next === '') return;
    if (page.items.length === 0 || count === maxPages || listBytes > maxBytes) throw endless(resource);
    from = next;
  }
}

async function requestPage(
  transport: Transport,
  request: KubernetesRequest,
  patienceMs: number,
  signal: AbortSignal,
) {
  const endMs = performance.now() + patienceMs;
  for (let failures = 1; ; failures++) {
    try {
      return await transport.sendSized(request, signal);
    } catch (error) {
      // An API server that has just started knows no Roles yet.
      const mayPass = (isPassing(error) && !(error instanceof AnswerTooLongError)) || isMissingRight(error);
      if (!mayPass || performance.now() >= endMs) throw error;
      await pauseAfter(failures, pageBackoff, error, signal);
      signal.throwIfAborted();
    }
  }
}

/**
 * A whole list, read page by page.
 *
 * @param extract the part of each object to return: thousands of whole objects would fill the memory
 * @throws as {@link listPages}
 */
export async function extractAll<Item, Part>(
  transport: Transport,
  list: ListRequest,
  extract: (object: Item) => Part,
  signal: AbortSignal,
): Promise<Part[]> {
  const parts: Part[] = [];
  let kept = 0;
  for await (const page of listPages<Item>(transport, list, signal)) {
    for (const object of page.items) {
      const part = extract(object);
      kept += JSON.stringify(part)?.length ?? 0;
      parts.push(part);
    }
    if (kept > mostKept) throw endless(list.resource);
  }
  return parts;
}

function endless(resource: Resource): NoAnswerError {
  return new NoAnswerError(`the list of ${resource.name} at the Kubernetes API does not end`);
}
