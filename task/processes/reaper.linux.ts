import type { ChildEnd } from '../../internal/child-end.ts';
import { becomeSubreaper, reapOne } from '../../internal/syscall/linux/children.ts';

/**
 * The most ended children to reap in one turn of the event loop. So health checks do not wait for a burst.
 */
const batchSize = 1000;

/**
 * The only owner of every child's wait status. The status of our own child goes to the caller of {@link own}.
 * The status of an orphan is dropped. No other code in this process may start children.
 */
export class Reaper {
  readonly #own = new Map<number, (end: ChildEnd) => void>();
  #onNoChildren: (() => void)[] = [];
  #continuing = false;
  #orphans = 0;

  /** The number of adopted processes that were reaped. */
  get orphans(): number {
    return this.#orphans;
  }

  /**
   * Starts to adopt orphans and to reap them as they end. The kernel gives orphans to PID 1, or to the
   * nearest subreaper (PR_SET_CHILD_SUBREAPER of prctl(2)).
   *
   * @throws SystemError if the kernel refuses
   */
  start(): void {
    if (process.pid !== 1) {
      becomeSubreaper();
    }
    // Done in the next turn of the event loop, so a child can start sooner. Children that end before that are
    // reaped then.
    setImmediate(() => {
      process.on('SIGCHLD', this.#reap);
      this.#reap();
    });
  }

  /**
   * Resolves with the end of a child. The caller has to start the child in the same turn of the event loop.
   */
  own(pid: number): Promise<ChildEnd> {
    return new Promise((resolve) => {
      this.#own.set(pid, resolve);
    });
  }

  /** Resolves once this process has no child, dead or alive. */
  noChildren(): Promise<void> {
    return new Promise((resolve) => {
      this.#onNoChildren.push(resolve);
      this.#reap();
    });
  }

  readonly #reap = (): void => {
    if (this.#continuing) return;
    // One SIGCHLD may mean many children: a signal does not queue (signal(7)).
    for (let count = 0; count < batchSize; count++) {
      const child = reapOne();
      if (child === 'none-ended') return;
      if (child === 'no-children') {
        this.#tellNoChildren();
        return;
      }
      this.#deliver(child.pid, child.end);
    }
    this.#continuing = true;
    setImmediate(() => {
      this.#continuing = false;
      this.#reap();
    });
  };

  #deliver(pid: number, end: ChildEnd): void {
    const resolve = this.#own.get(pid);
    if (resolve === undefined) {
      this.#orphans++;
      return;
    }
    this.#own.delete(pid);
    resolve(end);
  }

  #tellNoChildren(): void {
    const waiting = this.#onNoChildren;
    this.#onNoChildren = [];
    for (const resolve of waiting) {
      resolve();
    }
  }
}
