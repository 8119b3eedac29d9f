import type { FdWriter } from './fd-writer.ts';

export interface LineWriterOptions {
  /** Bytes in the writer's queue above which lines are dropped. */
  readonly maxQueuedBytes: number;
  /** Called when lines are taken again, with the number of those that were dropped. May write a line. */
  readonly onLost: (lines: number) => void;
}

/**
 * Whole lines that may be lost rather than fill the memory: while their reader stalls lines are dropped, and once it
 * is back `onLost` can say in their place how many.
 */
export class LineWriter {
  readonly #writer: FdWriter;
  readonly #options: LineWriterOptions;
  #lost = 0;

  constructor(writer: FdWriter, options: LineWriterOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  write(line: string): void {
    if (this.#lost === 0 && this.#writer.queuedBytes <= this.#options.maxQueuedBytes) {
      this.#writer.write(line);
      return;
    }
    this.#lost++;
    if (this.#lost === 1) void this.#writer.whenDrained().then(() => this.#report());
  }

  #report(): void {
    const lost = this.#lost;
    this.#lost = 0;
    this.#options.onLost(lost);
  }
}
