import type { FdWriter } from './fd-writer.ts';

/**
 * Writes whole lines, and drops lines while their reader stalls, so that they do not fill the memory. Once lines are
 * taken again, `onLost` can write one in place of those that were dropped.
 */
export class LineWriter {
  readonly #writer: FdWriter;
  readonly #maxQueuedBytes: number;
  readonly #onLost: (lines: number) => void;
  #lost = 0;

  /**
   * @param maxQueuedBytes bytes in the writer's queue above which lines are dropped
   * @param onLost is called when lines are taken again, with the number of those that were dropped
   */
  constructor(writer: FdWriter, maxQueuedBytes: number, onLost: (lines: number) => void) {
    this.#writer = writer;
    this.#maxQueuedBytes = maxQueuedBytes;
    this.#onLost = onLost;
  }

  write(line: string): void {
    if (this.#lost === 0 && this.#writer.queuedBytes <= this.#maxQueuedBytes) {
      this.#writer.write(line);
      return;
    }
    this.#lost++;
    if (this.#lost === 1) void this.#writer.whenDrained().then(() => this.#report());
  }

  #report(): void {
    const lost = this.#lost;
    this.#lost = 0;
    this.#onLost(lost);
  }
}
