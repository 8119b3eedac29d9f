import type { FdWriter } from './fd-writer.ts';

/**
 * Writes whole lines. While their reader stalls, it drops lines, so they do not fill the memory. When the
 * reader continues, `onLost` can write a line about the dropped ones.
 */
export class LineWriter {
  readonly #writer: FdWriter;
  readonly #maxQueuedBytes: number;
  readonly #onLost: (lines: number) => void;
  #lost = 0;

  /**
   * @param maxQueuedBytes bytes in the writer's queue above which lines are dropped
   * @param onLost is called when the reader continues, with the number of dropped lines
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
