import { randomInt } from 'node:crypto';
import type { KubernetesObject, Objects, Selection } from './client.ts';
import { KubernetesError, NoAnswerError } from './kubernetes-error.ts';
import type { Resource } from './resources.ts';
import { splitLines } from './split-lines.ts';

/** What a watch tells: an object and what became of it, or how far the watch has come. */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: KubernetesObject };

/** The API server ends a watch after this many seconds; spread, so that those of many replicas do not end at once. */
const shortestWatchSeconds = 300;
const longestWatchSeconds = 600;
/** The API server sends a bookmark about every minute: a watch that is silent for so long is dead, ms. */
const silenceLimitMs = 150_000;
/** Without bookmarks only the end of the watch, which the API server does not forget, shows that it lives, ms. */
const silenceWithoutBookmarksMs = (longestWatchSeconds + 60) * 1000;

/** How long a watch that lives may be silent, ms. */
export function silenceLimitOf({ hasBookmarks = true }: Resource): number {
  return hasBookmarks ? silenceLimitMs : silenceWithoutBookmarksMs;
}

/**
 * Watches objects from a resource version on, until the API server ends the watch, which it does now and then.
 *
 * @throws KubernetesError (410: too old, by its status or within the watch), NoAnswerError, or the signal's reason
 */
export async function* watch<T extends KubernetesObject>(
  objects: Objects<T>,
  selection: Selection,
  resourceVersion: string,
  signal: AbortSignal,
  silenceMs = silenceLimitOf(objects.resource),
): AsyncGenerator<WatchEvent<T>> {
  const query = {
    ...selection,
    resourceVersion,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(randomInt(shortestWatchSeconds, longestWatchSeconds)),
  };
  const end = new AbortController();
  const bytes = await objects.openWatch(query, AbortSignal.any([signal, end.signal]));
  const dead = () =>
    end.abort(
      new NoAnswerError(`nothing came of the watch of ${objects.resource.name} for ${silenceMs / 1000} s`),
    );
  let timer = setTimeout(dead, silenceMs);
  try {
    for await (const line of splitLines(bytes)) {
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
  let event: { type?: string; object?: Record<string, unknown> };
  try {
    event = JSON.parse(line.toString('utf8'));
  } catch (cause) {
    // The connection ended within an event.
    throw new NoAnswerError(`the watch of ${objects.resource.name} broke off`, { cause });
  }
  const { type, object = {} } = event;
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') {
    return { type, object } as WatchEvent<T>;
  }
  throw new KubernetesError(
    `the watch of ${objects.resource.name} ended: ${String(object.message ?? type)}`,
    {
      status: typeof object.code === 'number' ? object.code : 500,
      reason: String(object.reason ?? ''),
    },
  );
}
