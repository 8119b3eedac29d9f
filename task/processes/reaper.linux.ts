import type { ChildEnd } from '../../internal/child-end.ts';
import { becomeSubreaper, reapOne } from '../../internal/syscall/linux/children.ts';

/** How many ended children are taken in one turn of the event loop, so that a burst does not keep health checks waiting. */
const batchSize = 1000;

/**
 * The one owner of every child's wait status: our own children's go to whoever started them, orphans' to nobody.
 * Nothing in this process but {@link own}'s callers may start children by other means.
 */
export class Reaper {
  readonly #own = new Map<number, (end: ChildEnd) => void>();
  #onNoChildren: (() => void)[] = [];
  #continuing = false;
  #orphans = 0;

  /** How many adopted processes have been reaped so far. */
  get orphans(): number {
    return this.#orphans;
  }

  /**
   * From here on orphans come to this process and are reaped as they end: the kernel gives them to PID 1, or to
   * the nearest subreaper (PR_SET_CHILD_SUBREAPER of prctl(2)).
   *
   * @throws SystemError if the kernel refuses
   */
  start(): void {
    if (process.pid !== 1) {
      becomeSubreaper();
    }
    // In the next turn of the event loop, so that a child is started the sooner; those that end before are waited for then.
    setImmediate(() => {
      process.on('SIGCHLD', this.#reap);
      this.#reap();
    });
  }

  /** The end of a child that the caller has just started, in the same turn of the event loop. */
  own(pid: number): Promise<ChildEnd> {
    return new Promise((resolve) => {
      this.#own.set(pid, resolve);
    });
  }

  /** Resolves once this process has no child at all, dead or alive. */
  noChildren(): Promise<void> {
    return new Promise((resolve) => {
      this.#onNoChildren.push(resolve);
      this.#reap();
    });
  }

  readonly #reap = (): void => {
    if (this.#continuing) {
      return;
    }
    // One SIGCHLD may stand for many children: signals of one number do not queue (signal(7)).
    for (let count = 0; count < batchSize; count++) {
      const child = reapOne();
      if (child === 'none-ended') {
        return;
      }
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
