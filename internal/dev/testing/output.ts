import type { Readable } from 'node:stream';
import { atMost } from '../../delay.ts';

/**
 * The behaviour of the reader of a program's output: it reads; reads with pauses; does not read until it is
 * released; goes away after a moment; or reads with pauses and keeps nothing, for output of gigabytes.
 */
export type Reader = 'reads' | 'slow' | 'stalled' | 'vanishes' | 'forgets';

const pauseMs = 5;
const vanishAfterMs = 100;

/** The part of an output that a reader has read. */
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
    stream.on('error', () => {}); // An error also closes it.
    if (reader !== 'stalled') this.#read();
    if (reader === 'vanishes') setTimeout(() => stream.destroy(), vanishAfterMs);
  }

  get text(): string {
    return this.#text;
  }

  /** Whether the reader reads everything. */
  get isWhole(): boolean {
    return this.#reader === 'reads' || this.#reader === 'slow';
  }

  /** Waits for a match. @throws Error with the text so far, at the end of the output or after the limit */
  async matched(pattern: RegExp, limitMs = 60_000): Promise<RegExpExecArray> {
    for (const end = performance.now() + limitMs; ; ) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      if (this.#over) throw new Error(`ended without ${pattern}:\n${this.#text}`);
      const left = end - performance.now();
      if (left <= 0) throw new Error(`waited ${limitMs / 1000} s in vain for ${pattern}:\n${this.#text}`);
      await atMost(left, this.#change.promise);
    }
  }

  /** Every line, as soon as it is read. */
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

  /** Lets a stalled reader read. */
  release(): void {
    if (this.#reader === 'stalled') this.#read();
  }

  /** Lets the reader go away. */
  close(): void {
    this.#stream.destroy();
  }

  /** Waits for its end and closes it. The end comes when no process holds the other side any more. */
  async end(limitMs: number): Promise<void> {
    if (this.#reader === 'stalled') this.close();
    await atMost(limitMs, this.#ended);
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
