import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Reader } from './plan.ts';

const slowPauseMs = 5;
const vanishAfterMs = 100;

/** What was read of an output, by a reader of whichever kind. */
export class Output {
  readonly #stream: Readable;
  readonly #reader: Reader;
  readonly #ended: Promise<void>;
  #text = '';

  constructor(stream: Readable, reader: Reader) {
    this.#stream = stream;
    this.#reader = reader;
    this.#ended = new Promise((resolve) => {
      stream.once('close', () => resolve());
    });
    stream.on('error', () => {});
    if (reader === 'stalled') return;
    stream.setEncoding('latin1');
    stream.on('data', (chunk: string) => {
      this.#text += chunk;
      if (reader === 'slow') {
        stream.pause();
        setTimeout(() => stream.resume(), slowPauseMs);
      }
    });
    if (reader === 'vanishes') setTimeout(() => stream.destroy(), vanishAfterMs);
  }

  get text(): string {
    return this.#text;
  }

  /** Everything that was written can be read. */
  get isWhole(): boolean {
    return this.#reader === 'reads' || this.#reader === 'slow';
  }

  /** A stalled reader goes on, and throws away what it reads. */
  release(): void {
    if (this.#reader === 'stalled') this.#stream.resume();
  }

  /** Waits for its end, which comes when nobody holds the other side any more. */
  async end(limitMs: number): Promise<void> {
    if (this.#reader === 'stalled') this.#stream.destroy();
    const timer = new AbortController();
    const limit = pause(limitMs, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.#ended, limit]);
    timer.abort();
    this.#stream.destroy();
  }
}
