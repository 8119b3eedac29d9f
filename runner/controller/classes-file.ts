import { readFile } from 'node:fs/promises';
import { delay } from '../../internal/delay.ts';
import { readTaskPodFile } from '../classes/read-task-pod-file.ts';
import { noRules, type ResourceClass, type ResourceClasses } from '../classes/resource-classes.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';

/** The kubelet takes about a minute to update a ConfigMap. It replaces folders, which inotify(7) would not report. */
const lookMs = 10_000;
/** How long a token may come before its entry, or go after it, ms: each takes its own way, of up to a minute or two. */
const lagMs = 3 * 60_000;

const noClasses: ResourceClasses = { byDottedName: new Map(), services: noRules, initResources: undefined };

/** An entry that is not in the file any more. */
interface RemovedEntry {
  readonly entry: ResourceClass;
  /** On the monotonic clock, ms. */
  readonly sinceMs: number;
}

/** The current task Pod configuration. */
export class ClassesFile {
  readonly #path: string;
  readonly #logger: ControllerLogger;
  readonly #onRejected: () => void;
  #text = '';
  #classes = noClasses;
  #isMissing = false;
  #isAccepted = true;
  /** By the dotted names of their classes. */
  readonly #removed = new Map<string, RemovedEntry>();

  /**
   * @param path empty: there is no file
   * @param onRejected called for each unusable change
   */
  constructor(path: string, logger: ControllerLogger, onRejected: () => void) {
    this.#path = path;
    this.#logger = logger;
    this.#onRejected = onRejected;
  }

  get classes(): ResourceClasses {
    return this.#classes;
  }

  /** Whether the classes are those of the file. If not, the file has an unusable change. */
  get isAccepted(): boolean {
    return this.#isAccepted;
  }

  /** The entry of a class, by its dotted name, also if it was removed just now: a task may be on its way from a claim. */
  entryOf(name: string): ResourceClass | undefined {
    return this.#classes.byDottedName.get(name) ?? this.#removedEntryOf(name);
  }

  /**
   * Whether a class has no entry, but may be about to get one, or has just lost it: its token comes and goes at another
   * time, and a task without its template may run where it must not.
   *
   * @param name with a dot
   * @param tokenMs when the class got its token, on the monotonic clock, ms
   */
  isUnsettled(name: string, tokenMs: number): boolean {
    if (this.#path === '' || this.#classes.byDottedName.has(name)) return false;
    return performance.now() - tokenMs < lagMs || this.#removedEntryOf(name) !== undefined;
  }

  /** Reads the file for the first time. @throws ResourceClassesError */
  async load(): Promise<void> {
    if (this.#path === '') return;
    const text = await this.#read();
    if (text !== undefined) this.#use(text);
  }

  /** Applies changes until the signal aborts. An unusable change leaves the classes as they are. */
  async follow(signal: AbortSignal, everyMs = lookMs): Promise<void> {
    if (this.#path === '') return;
    while (await delay(everyMs, signal)) {
      const text = await this.#read();
      if (text === undefined || text === this.#text) continue;
      try {
        this.#use(text);
        this.#logger.info('the task Pod configuration was read again', { path: this.#path });
      } catch (error) {
        this.#text = text;
        this.#isAccepted = false;
        this.#onRejected();
        this.#logger.error(
          'the changed task Pod configuration cannot be used; the previous one stays in force',
          {
            path: this.#path,
            error,
          },
        );
      }
    }
  }

  #use(text: string): void {
    const { classes, warnings } = readTaskPodFile(text, this.#path);
    for (const warning of warnings)
      this.#logger.warn('a key of the task Pod configuration has no effect', { path: this.#path, warning });
    const sinceMs = performance.now();
    for (const [name, entry] of this.#classes.byDottedName) this.#removed.set(name, { entry, sinceMs });
    for (const name of classes.byDottedName.keys()) this.#removed.delete(name);
    this.#text = text;
    this.#classes = classes;
    this.#isAccepted = true;
  }

  #removedEntryOf(name: string): ResourceClass | undefined {
    const removed = this.#removed.get(name);
    return removed && performance.now() - removed.sinceMs < lagMs ? removed.entry : undefined;
  }

  async #read(): Promise<string | undefined> {
    try {
      const text = await readFile(this.#path, 'utf8');
      this.#isMissing = false;
      return text;
    } catch (error) {
      if (!this.#isMissing)
        this.#logger.warn('the task Pod configuration cannot be read', { path: this.#path, error });
      this.#isMissing = true;
      return undefined;
    }
  }
}
