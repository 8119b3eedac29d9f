import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import { isPassing, isStatus, KubernetesError } from './kubernetes-error.ts';
import type { Selection } from './list-pages.ts';
import type { Objects } from './objects.ts';
import type { KubernetesObject } from './read-answer.ts';
import { silenceLimitMs, watch } from './watch.ts';

/** A change of an object. */
export type Change<T> =
  | { readonly type: 'set'; readonly object: T }
  /** `seen`: the object's deletion was watched, and this is its last state. Otherwise a list did not have it. */
  | { readonly type: 'deleted'; readonly object: T; readonly seen: boolean };

export interface InformerSettings<Sent, Known> {
  readonly selection: Selection;
  /** Extracts the part of an object to keep and report, to save memory. The part includes the metadata. */
  readonly extract: (object: Sent) => Known;
  readonly backoff: Backoff;
  /** Called each time a list or watch fails. */
  readonly onTrouble: (error: unknown) => void;
  /**
   * Whether objects are kept (default: yes). There may be too many for that, such as events. Objects that are not kept
   * are only reported: each that changes after the start. If a watch cannot continue, all that exist are reported, page
   * by page. None is reported as missing.
   */
  readonly keeps?: boolean;
  /** Called at the start of each watch. */
  readonly onWatch?: () => void;
  /** How long a watch may be silent, ms. The default depends on the objects. */
  readonly silenceMs?: number;
}

/** A watch that ends sooner counts as failed, ms. */
const shortestWatchMs = 1000;

/**
 * Knows all objects of a selection at any time. It lists them, then watches them for changes, and starts again whenever
 * that fails. It keeps what it knows while the API server is away.
 */
export class Informer<Known extends KubernetesObject, Sent extends KubernetesObject = Known> {
  readonly #objects: Objects<Sent>;
  readonly #settings: InformerSettings<Sent, Known>;
  readonly #known = new Map<string, Known>();
  readonly #listeners = new Set<(change: Change<Known>) => void>();
  readonly #listListeners = new Set<() => void>();
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;
  #resourceVersion = '';
  /** The lists and watches that have failed since a watch has lasted. */
  #failures = 0;
  #troubledMs = Number.NEGATIVE_INFINITY;
  /** Whether the last watch ended at once, without an event. */
  #endedAtOnce = false;

  constructor(objects: Objects<Sent>, settings: InformerSettings<Sent, Known>) {
    this.#objects = objects;
    this.#settings = settings;
  }

  /** Resolves when the objects are known, or, if they are not kept, when it is known where the first watch begins. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /**
   * When watches last began to fail, or to work again, on the monotonic clock, ms. A watch that breaks after a while does
   * not count: proxies cut connections.
   */
  get troubledMs(): number {
    return this.#troubledMs;
  }

  get(name: string): Known | undefined {
    return this.#known.get(name);
  }

  all(): IterableIterator<Known> {
    return this.#known.values();
  }

  /** Calls the listener with each change from now on. @returns a function that removes the listener */
  listen(listener: (change: Change<Known>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls the listener after each list. Objects that are unknown then did not exist at the time of the list. */
  listenToLists(listener: () => void): void {
    this.#listListeners.add(listener);
  }

  /** Lists and watches until the signal aborts. Never rejects. Call it once. */
  async run(signal: AbortSignal): Promise<void> {
    const { backoff, onTrouble } = this.#settings;
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === '') await this.#list(signal);
        const hasLasted = await this.#watch(signal);
        // Without the pause, a server or proxy that ends each watch at once would be asked in a busy loop.
        if (!hasLasted) await pauseAfter(++this.#failures, backoff, undefined, signal);
      } catch (error) {
        if (signal.aborted) return;
        // Not only 410: an API server with another storage, for example, may refuse the place as invalid. But one that
        // has just started may not know our rights yet, and a list would not show how an object that is gone had ended.
        if (error instanceof KubernetesError && !isPassing(error) && !isStatus(error, 403))
          this.#resourceVersion = '';
        if (!isStatus(error, 410)) onTrouble(error);
        this.#failures++;
        this.#noteTrouble();
        await pauseAfter(this.#failures, backoff, error, signal);
      }
    }
  }

  /** Lists the objects, and finds the place where a watch begins. */
  async #list(signal: AbortSignal): Promise<void> {
    this.#resourceVersion =
      this.#settings.keeps === false ? await this.#passOn(signal) : await this.#replace(signal);
    this.#isSynced = true;
    this.#synced.resolve();
    for (const listener of this.#listListeners) listener();
  }

  /** Reports all objects, except at the start. @returns the resource version of the list */
  async #passOn(signal: AbortSignal): Promise<string> {
    const { extract, selection } = this.#settings;
    let resourceVersion = '';
    for await (const page of this.#objects.pages(selection, signal)) {
      // That of the first page is that of all.
      resourceVersion = page.resourceVersion;
      if (!this.#isSynced) break;
      for (const object of page.items) this.#set(extract(object));
    }
    return resourceVersion;
  }

  /** Replaces the known objects. @returns the resource version of the list */
  async #replace(signal: AbortSignal): Promise<string> {
    const found = new Map<string, Known>();
    let resourceVersion = '';
    for await (const page of this.#objects.pages(this.#settings.selection, signal)) {
      for (const object of page.items) found.set(nameOf(object), this.#settings.extract(object));
      resourceVersion = page.resourceVersion;
    }
    for (const [name, object] of this.#known) {
      // A new object may have the name of a deleted one.
      if (found.get(name)?.metadata?.uid !== object.metadata?.uid) this.#delete(object, false);
    }
    for (const object of found.values()) this.#set(object);
    return resourceVersion;
  }

  /** @returns whether the watch has lasted until the API server has ended it */
  async #watch(signal: AbortSignal): Promise<boolean> {
    const { extract, onWatch, selection, silenceMs } = this.#settings;
    onWatch?.();
    const startMs = performance.now();
    let openedMs = Number.POSITIVE_INFINITY;
    const onOpen = () => {
      openedMs = performance.now();
      this.#noteTrouble();
    };
    const hasLasted = () => performance.now() - openedMs >= shortestWatchMs;
    const options = { silenceMs, onOpen };
    let showsNothing = true;
    try {
      for await (const event of watch(this.#objects, selection, this.#resourceVersion, signal, options)) {
        showsNothing = false;
        const { resourceVersion } = event.object.metadata ?? {};
        // From a version that no API server gives, no watch could begin again.
        if (typeof resourceVersion === 'string') this.#resourceVersion = resourceVersion;
        if (event.type === 'BOOKMARK') continue;
        const object = extract(event.object);
        if (event.type === 'DELETED') this.#delete(object, true);
        else this.#set(object);
      }
      // From a version that is too old, some API servers end a watch of events at once, without saying why
      // (kubernetes/kubernetes#104171). One that is shutting down may do so once, and a list would not show how an
      // object that is gone had ended.
      const endedAtOnce = showsNothing && !hasLasted();
      if (endedAtOnce && this.#endedAtOnce) this.#resourceVersion = '';
      this.#endedAtOnce = endedAtOnce;
      return hasLasted();
    } finally {
      // Proxies cut connections, some after half a minute of silence. Then the next watch may begin soon.
      if (hasLasted()) this.#failures = 0;
      // When etcd is restored from a backup, versions go back. A watch from a version that etcd does not have yet is
      // not refused, unlike some lists ("Too large resource version"): the API server sends it only later objects, and
      // only later bookmarks (k8s.io/apiserver 0.34, `cacheWatcher.process`; for events `watchChan.startWatching`). A
      // list tells what the backup did not have. A request that gets no answer fails long before this time.
      if (showsNothing && performance.now() - startMs >= (silenceMs ?? silenceLimitMs)) {
        this.#resourceVersion = '';
      }
    }
  }

  #noteTrouble(): void {
    if (this.#failures > 1) this.#troubledMs = performance.now();
  }

  #set(object: Known): void {
    const name = nameOf(object);
    const { uid, resourceVersion } = this.#known.get(name)?.metadata ?? {};
    if (uid === object.metadata?.uid && resourceVersion === object.metadata?.resourceVersion) return;
    if (this.#settings.keeps !== false) this.#known.set(name, object);
    this.#notify({ type: 'set', object });
  }

  #delete(object: Known, seen: boolean): void {
    this.#known.delete(nameOf(object));
    this.#notify({ type: 'deleted', object, seen });
  }

  /** Reports a change. An error that a listener throws does not stop the reports of other objects. */
  #notify(change: Change<Known>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (cause) {
        this.#settings.onTrouble(new Error(`${nameOf(change.object)} is not understood`, { cause }));
      }
    }
  }
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata?.name ?? '';
}
