import type { TaskWait } from '../life/task-metrics.ts';

interface Wait {
  readonly resourceClass: string;
  readonly until: TaskWait;
  /** On the monotonic clock, ms. */
  readonly sinceMs: number;
}

/** What tasks wait for at the moment. */
export class TaskWaits {
  /** The oldest first. */
  readonly #waits = new Set<Wait>();

  /** @returns a function that ends the wait */
  begin(resourceClass: string, until: TaskWait): () => void {
    const wait = { resourceClass, until, sinceMs: performance.now() };
    this.#waits.add(wait);
    return () => void this.#waits.delete(wait);
  }

  /** How long each wait has lasted, in seconds, the longest last. */
  *seconds(): Iterable<Pick<Wait, 'resourceClass' | 'until'> & { readonly seconds: number }> {
    const nowMs = performance.now();
    for (const { resourceClass, sinceMs, until } of [...this.#waits].reverse())
      yield { resourceClass, until, seconds: (nowMs - sinceMs) / 1000 };
  }
}
