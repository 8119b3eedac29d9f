import type { Readable } from 'node:stream';
import { within } from './within.ts';

/**
 * How the reader of a program's output behaves: it reads; reads with pauses; does not read until it is released; is
 * gone after a moment; or reads with pauses and keeps nothing, for what would be gigabytes in the end.
 */
export type Reader = 'reads' | 'slow' | 'stalled' | 'vanishes' | 'forgets';

const pauseMs = 5;
const vanishAfterMs = 100;

/** What was read of an output, by a reader of whichever kind. */
export class Output {
  readonly #stream: Readable;
  readonly #reader: Reader;
  readonly #ended: Promise<void>;
  #text = '';
  #over = false;
  #change = Promise.withResolvers<void>();

  constructor(stream: Readable, reader: Reader) {
    this.#stream = stream;
    this.#reader = reader;
    this.#ended = new Promise((resolve) => {
      stream.once('close', () => {
        this.#over = true;
        this.#changed();
        resolve();
      });
    });
    stream.on('error', () => {}); // It is closed by that, too.
    if (reader !== 'stalled') this.#read();
    if (reader === 'vanishes') setTimeout(() => stream.destroy(), vanishAfterMs);
  }

  get text(): string {
    return this.#text;
  }

  /** Everything that was written can be read. */
  get isWhole(): boolean {
    return this.#reader === 'reads' || this.#reader === 'slow';
  }

  /** Waits for a match. @throws Error with what was read, if it ends before, or after a minute */
  async matched(pattern: RegExp, limitMs = 60_000): Promise<RegExpExecArray> {
    for (const end = performance.now() + limitMs; ; ) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      if (this.#over) throw new Error(`ended without ${pattern}:\n${this.#text}`);
      const left = end - performance.now();
      if (left <= 0) throw new Error(`waited ${limitMs / 1000} s in vain for ${pattern}:\n${this.#text}`);
      await within(left, this.#change.promise);
    }
  }

  /** Every line, as soon as it is there. */
  async *lines(): AsyncGenerator<string> {
    for (let start = 0; ; ) {
      const end = this.#text.indexOf('\n', start);
      if (end >= 0) {
        yield this.#text.slice(start, end);
        start = end + 1;
      } else if (this.#over) {
        if (start < this.#text.length) yield this.#text.slice(start);
        return;
      } else {
        await this.#change.promise;
      }
    }
  }

  /** A stalled reader reads from now on. */
  release(): void {
    if (this.#reader === 'stalled') this.#read();
  }

  /** The reader is gone. */
  close(): void {
    this.#stream.destroy();
  }

  /** Waits for its end, which comes when nobody holds the other side any more, and closes it. */
  async end(limitMs: number): Promise<void> {
    if (this.#reader === 'stalled') this.close();
    await within(limitMs, this.#ended);
    this.close();
  }

  #read(): void {
    this.#stream.setEncoding('utf8').on('data', (chunk: string) => {
      if (this.#reader !== 'forgets') this.#text += chunk;
      if (this.#reader === 'slow' || this.#reader === 'forgets') {
        this.#stream.pause();
        setTimeout(() => this.#stream.resume(), pauseMs);
      }
      this.#changed();
    });
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
