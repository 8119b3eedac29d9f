import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { atMost } from '../../internal/delay.ts';
import type { FdWriter } from '../../internal/log/fd-writer.ts';
import type { KeptOutput } from './kept-output.ts';

/**
 * Passes a child's stderr on and keeps its ends. While the reader of our own stderr is slow, the pipe fills and
 * the child waits, as it would without us in between; nothing piles up here.
 */
export class StderrRelay {
  readonly #pipe: Readable;
  readonly #ended: Promise<void>;
  #draining = false;

  /** @param pipe the read end of the child's pipe, a descriptor or a stream, which this takes over */
  constructor(pipe: number | Readable, target: FdWriter, kept: KeptOutput) {
    this.#pipe = typeof pipe === 'number' ? new Socket({ fd: pipe, readable: true, writable: false }) : pipe;
    this.#ended = new Promise((resolve) => {
      this.#pipe.once('close', () => resolve());
    });
    this.#pipe.on('error', () => this.#pipe.destroy());
    this.#pipe.on('data', (chunk: Buffer) => {
      kept.add(chunk);
      if (!target.write(chunk) && !this.#draining) {
        this.#pipe.pause();
        void target.whenDrained().then(() => this.#pipe.resume());
      }
    });
  }

  /**
   * Reads what is left in the pipe, no longer waiting for our own reader, until its end: as long as any process
   * holds the other side there is none, hence the limit.
   */
  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    this.#pipe.resume();
    await atMost(limitMs, this.#ended);
    this.#pipe.destroy();
  }
}
