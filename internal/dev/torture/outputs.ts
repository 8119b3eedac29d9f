import { execFileSync } from 'node:child_process';
import { constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Reader } from './plan.ts';

/** A named pipe's two ends, as a container engine has them; the name is gone again. */
export function openFifo(path: string): { readonly reader: Readable; readonly writeEnd: number } {
  execFileSync('mkfifo', [path]);
  // Without O_NONBLOCK an open of one end waits for the other.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  rmSync(path);
  return { reader: new Socket({ fd: readEnd, readable: true, writable: false }), writeEnd };
}

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
