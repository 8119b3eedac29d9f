import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { atMost } from '../../internal/delay.ts';
import type { FdWriter } from '../../internal/output/fd-writer.ts';
import type { KeptOutput } from './kept-output.ts';

/**
 * Room for the target's queue and for a whole pipe of the largest size that a job may choose (1 MiB,
 * fs.pipe-max-size of proc(5)). Only a process that keeps writing and cannot be killed has more.
 */
const drainedBytes = 2 * 2 ** 20;

/** The default size of a pipe. */
const bufferBytes = 64 * 1024;

/**
 * Passes a child's output on and keeps both ends of it. While the reader of our own output is slow, the pipe
 * fills and the child waits, as it would without the relay. So the relay does not collect output.
 */
export class OutputRelay {
  readonly #pipe: Readable;
  readonly #target: FdWriter;
  readonly #kept: KeptOutput;
  readonly #ended: Promise<void>;
  #draining = false;

  /**
   * @param pipe the read end of the child's pipe, a descriptor or a stream. The relay closes it
   */
  constructor(pipe: number | Readable, target: FdWriter, kept: KeptOutput) {
    this.#target = target;
    this.#kept = kept;
    this.#pipe =
      typeof pipe === 'number' ? this.#open(pipe) : pipe.on('data', (chunk) => this.#onData(chunk));
    this.#ended = new Promise((resolve) => {
      this.#pipe.once('close', () => resolve());
    });
    this.#pipe.on('error', () => this.#pipe.destroy());
    this.#pipe.resume();
  }

  /**
   * Reads the rest of the pipe, without waiting for our own reader. The pipe has no end while any process
   * holds its other side, so there is a time limit. The output that our reader does not take is limited too.
   */
  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    this.#pipe.resume();
    await atMost(limitMs, this.#ended);
    this.#pipe.destroy();
  }

  /**
   * Reads into a few buffers again and again. New memory for each read would cost more time than everything
   * else.
   */
  #open(fd: number): Socket {
    const { Socket } = process.getBuiltinModule('node:net');
    const free: Buffer[] = [];
    const buffer = () => free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
    const callback = (count: number, used: Buffer) => {
      const chunk = used.subarray(0, count);
      if (!this.#keep(chunk)) {
        free.push(used);
      } else if (count < bufferBytes / 2) {
        // A buffer with only a few bytes would take more memory than the target's queue counts.
        this.#passOn(Buffer.from(chunk));
        free.push(used);
      } else {
        this.#passOn(chunk);
        void this.#target.whenWritten().then(() => free.push(used));
      }
      return true;
    };
    return new Socket({ fd, readable: true, writable: false, onread: { buffer, callback } });
  }

  #onData(chunk: Buffer): void {
    if (this.#keep(chunk)) {
      this.#passOn(chunk);
    }
  }

  /**
   * @returns whether to pass it on too. At the end, only as much is passed on as there is room for
   */
  #keep(chunk: Buffer): boolean {
    this.#kept.add(chunk);
    return !this.#draining || this.#target.queuedBytes <= drainedBytes;
  }

  #passOn(chunk: Buffer): void {
    if (!this.#target.write(chunk) && !this.#draining) {
      this.#pipe.pause();
      void this.#target.whenDrained().then(() => this.#pipe.resume());
    }
  }
}
