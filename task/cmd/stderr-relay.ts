import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { atMost } from '../../internal/delay.ts';
import type { FdWriter } from '../../internal/log/fd-writer.ts';
import type { KeptOutput } from './kept-output.ts';

/**
 * Room for what the target has queued already and for a whole pipe of the largest size that a job may give one (1 MiB,
 * fs.pipe-max-size of proc(5)). Only a process that goes on writing and cannot be killed has more.
 */
const drainedBytes = 2 * 2 ** 20;

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
      if (this.#draining) {
        if (target.queuedBytes <= drainedBytes) {
          target.write(chunk);
        }
      } else if (!target.write(chunk)) {
        this.#pipe.pause();
        void target.whenDrained().then(() => this.#pipe.resume());
      }
    });
  }

  /**
   * Reads what is left in the pipe, no longer waiting for our own reader, until its end: as long as any process
   * holds the other side there is none, hence the limit. What our reader does not take is kept within bounds.
   */
  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    this.#pipe.resume();
    await atMost(limitMs, this.#ended);
    this.#pipe.destroy();
  }
}
