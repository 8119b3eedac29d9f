import { readFile } from 'node:fs/promises';
import { delay } from '../../internal/delay.ts';
import { readTaskPodFile } from '../classes/read-task-pod-file.ts';
import { noRules, type ResourceClasses } from '../classes/resource-classes.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';

/** The kubelet takes about a minute to update a ConfigMap. It replaces folders, which inotify(7) would not report. */
const lookMs = 10_000;
/** A token is read again within a minute, and may so come long before the entry of its class, or go long after it, ms. */
const lagMs = 3 * 60_000;

const noClasses: ResourceClasses = { byDottedName: new Map(), services: noRules, initResources: undefined };

/** The current task Pod configuration. */
export class ClassesFile {
  readonly #path: string;
  readonly #logger: ControllerLogger;
  readonly #onRejected: () => void;
  #text = '';
  #classes = noClasses;
  #isMissing = false;
  #isAccepted = true;
  /** Since when classes have had no entry, on the monotonic clock, ms. */
  readonly #lacking = new Map<string, number>();

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

  /**
   * Whether a class has no entry, and has not had this state for long: if its tasks ran now, they would lack what its
   * template will demand of them, or has just demanded.
   *
   * @param name with a dot
   */
  isUnsettled(name: string): boolean {
    if (this.#path === '' || this.#classes.byDottedName.has(name)) {
      this.#lacking.delete(name);
      return false;
    }
    const nowMs = performance.now();
    const sinceMs = this.#lacking.get(name) ?? nowMs;
    this.#lacking.set(name, sinceMs);
    return nowMs - sinceMs < lagMs;
  }

  /** Accepts that these classes have no entry. For those with a token at the start: then the file is up to date. */
  settle(names: Iterable<string>): void {
    for (const name of names) if (!this.#classes.byDottedName.has(name)) this.#lacking.set(name, -lagMs);
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
    this.#text = text;
    this.#classes = classes;
    this.#isAccepted = true;
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
