import { randomInt } from 'node:crypto';
import { KubernetesError, NoAnswerError, saidIn } from './kubernetes-error.ts';
import type { Selection } from './list-pages.ts';
import type { Objects } from './objects.ts';
import type { KubernetesObject } from './read-answer.ts';
import type { Resource } from './resources.ts';
import { splitLines } from './split-lines.ts';

/** An event of a watch: a change of an object, or a bookmark. */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: KubernetesObject };

/** The API server ends a watch after this time or up to twice as long, so that many replicas do not end at once. */
const shortestWatchSeconds = 300;
const longestWatchSeconds = 600;
/** The API server sends a bookmark about every minute, so a watch that is silent for this long is dead, ms. */
export const silenceLimitMs = 150_000;
/** Without bookmarks, only the watch's end, which the API server always sends, shows that the watch is alive, ms. */
const silenceWithoutBookmarksMs = (longestWatchSeconds + 60) * 1000;

/** An object has at most 3 MiB: twice etcd's limit. */
const longestEventBytes = 8 << 20;

/** How long a live watch may be silent, ms. */
export function silenceLimitOf({ hasBookmarks = true }: Resource): number {
  return hasBookmarks ? silenceLimitMs : silenceWithoutBookmarksMs;
}

export interface WatchOptions {
  /** How long the watch may be silent, ms. The default depends on the objects. */
  readonly silenceMs?: number | undefined;
  /** Called when the API server has begun the watch. */
  readonly onOpen?: () => void;
}

/**
 * Watches objects from a resource version on, until the API server ends the watch. It does so now and then.
 *
 * @throws KubernetesError (410: too old, by its status or within the watch), NoAnswerError, or the signal's reason
 */
export async function* watch<T extends KubernetesObject>(
  objects: Objects<T>,
  selection: Selection,
  resourceVersion: string,
  signal: AbortSignal,
  { onOpen, silenceMs = silenceLimitOf(objects.resource) }: WatchOptions = {},
): AsyncGenerator<WatchEvent<T>> {
  const query = {
    ...selection,
    resourceVersion,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(randomInt(shortestWatchSeconds, longestWatchSeconds)),
  };
  const end = new AbortController();
  const bytes = await objects.openWatch(query, AbortSignal.any([signal, end.signal]));
  onOpen?.();
  const dead = () =>
    end.abort(
      new NoAnswerError(`no data came from the watch of ${objects.resource.name} for ${silenceMs / 1000} s`),
    );
  let timer = setTimeout(dead, silenceMs);
  try {
    for await (const line of splitLines(bytes, longestEventBytes)) {
      clearTimeout(timer);
      timer = setTimeout(dead, silenceMs);
      yield parseEvent(line, objects);
    }
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

function parseEvent<T extends KubernetesObject>(line: Buffer, objects: Objects<T>): WatchEvent<T> {
  const { type, object } = readEvent(line, objects.resource.name);
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK')
    return { type, object } as WatchEvent<T>;
  throw new KubernetesError(
    `the watch of ${objects.resource.name} ended: ${saidIn(object.message) || 'without a reason'}`,
    {
      status: typeof object.code === 'number' ? object.code : 500,
      reason: saidIn(object.reason),
    },
  );
}

function readEvent(line: Buffer, resource: string): { type: unknown; object: Record<string, unknown> } {
  if (line.length >= longestEventBytes)
    throw new NoAnswerError(`the watch of ${resource} has an event of more than ${longestEventBytes} bytes`);
  let event: unknown;
  try {
    event = JSON.parse(line.toString('utf8'));
  } catch {
    // The connection ended within an event. The parser's message would quote it.
    throw new NoAnswerError(`the watch of ${resource} broke off`);
  }
  const { type, object } = (event ?? {}) as { type?: unknown; object?: unknown };
  if (typeof object === 'object' && object !== null)
    return { type, object: object as Record<string, unknown> };
  throw new NoAnswerError(`the watch of ${resource} has an event without an object`);
}
