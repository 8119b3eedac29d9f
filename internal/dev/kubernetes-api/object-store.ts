/** An object as the server keeps it. */
export interface StoredObject {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** A watch's event about an object. */
export interface ObjectEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: StoredObject;
}

/** An event in a collection, such as `/api/v1/namespaces/n/pods`. */
export interface CollectionEvent {
  readonly collection: string;
  readonly event: ObjectEvent;
}

/** Objects by collection and name, each with a resource version, and their history. */
export class ObjectStore {
  readonly #objects = new Map<string, StoredObject>();
  readonly #history: (CollectionEvent & { readonly version: number })[] = [];
  readonly #onEvent: (event: CollectionEvent) => void;
  #version = 100;
  /** Earlier versions are no longer known. */
  #oldest = 0;

  /** @param onEvent called for every event from now on */
  constructor(onEvent: (event: CollectionEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** The version of the last event. */
  get version(): number {
    return this.#version;
  }

  /** Creates or replaces an object, which is kept as it is. */
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
    this.#note(collection, { type: before === undefined ? 'ADDED' : 'MODIFIED', object: stored });
    return stored;
  }

  /** Deletes an object if it exists. */
  remove(collection: string, name: string): void {
    const path = `${collection}/${name}`;
    const object = this.#objects.get(path);
    if (object === undefined) return;
    this.#objects.delete(path);
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    this.#note(collection, { type: 'DELETED', object: { ...object, metadata } });
  }

  get(collection: string, name: string): StoredObject | undefined {
    return this.#objects.get(`${collection}/${name}`);
  }

  /** The objects of a collection. */
  all(collection: string): StoredObject[] {
    return [...this.#objects].flatMap(([path, object]) =>
      splitPath(path)[0] === collection ? [object] : [],
    );
  }

  /** The objects of a collection as they were at a version. */
  allAt(collection: string, version: number): StoredObject[] {
    const objects = new Map<string, StoredObject>();
    for (const { event, ...entry } of this.#history) {
      if (entry.collection !== collection || entry.version > version) continue;
      if (event.type === 'DELETED') objects.delete(event.object.metadata.name);
      else objects.set(event.object.metadata.name, event.object);
    }
    return [...objects.values()];
  }

  /** The events after a version. Undefined if they are no longer known. */
  since(version: number): readonly CollectionEvent[] | undefined {
    return version < this.#oldest ? undefined : this.#history.filter((entry) => entry.version > version);
  }

  /** Drops the history. */
  forgetHistory(): void {
    this.#history.length = 0;
    this.#oldest = ++this.#version;
  }

  #note(collection: string, event: ObjectEvent): void {
    this.#history.push({ version: this.#version, collection, event });
    this.#onEvent({ collection, event });
  }
}

/** The collection and the name of an object's path. */
export function splitPath(path: string): [collection: string, name: string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, slash), path.slice(slash + 1)];
}
