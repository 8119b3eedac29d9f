import { writev } from 'node:fs';
import { atMost } from '../delay.ts';
import { ChunkQueue } from './chunk-queue.ts';

/** The disk is full. These bytes are dropped, but later writes may succeed again. */
const lostErrors = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** The descriptor works, but does not accept bytes at the moment. */
const busyErrors = new Set(['EAGAIN', 'EWOULDBLOCK', 'EINTR', 'ENOBUFS', 'ENOMEM']);

const firstRetryMs = 1;
const lastRetryMs = 128;
/** IOV_MAX, less one for a line feed: Linux refuses more buffers in one writev(2). */
const maxChunks = 1023;
const lineFeed = Buffer.from('\n');

export interface FdWriterLimits {
  /** Bytes in the queue above which `write` answers false. Default 256 KiB. */
  readonly highWaterMark?: number;
  /**
   * Chunks are joined to one write of up to this many bytes. A larger chunk is written alone. Default 1 MiB.
   * With 4,096 (PIPE_BUF), a chunk up to that size is not mixed with bytes of other writers of the same pipe:
   * pipe(7).
   */
  readonly maxBatchBytes?: number;
}

/**
 * Writes to a descriptor in order, and never blocks the event loop. Node's own stdout and stderr block it on
 * pipes and files. A thread of libuv's pool makes every write, one at a time, so a stalled reader blocks only
 * one thread. O_NONBLOCK stays as it is, because it belongs to the open file description, and children and
 * others share that.
 *
 * No method throws. If the descriptor is closed, or its reader is gone, all later bytes are dropped. A
 * descriptor may have only one writer. Queued bytes are lost when the process ends: call `flush` before.
 */
export class FdWriter {
  readonly #fd: number;
  readonly #highWaterMark: number;
  readonly #maxBatchBytes: number;
  readonly #queue: ChunkQueue;
  #inFlight: Uint8Array[] = [];
  #inFlightBytes = 0;
  #broken = false;
  #breaksLine = false;
  #retryMs = firstRetryMs;
  /** All bytes that `write` ever got. */
  #takenBytes = 0;
  readonly #waiters: { readonly isDue: () => boolean; readonly resolve: () => void }[] = [];

  constructor(fd: number, limits: FdWriterLimits = {}) {
    this.#fd = fd;
    this.#highWaterMark = limits.highWaterMark ?? 256 * 1024;
    this.#maxBatchBytes = limits.maxBatchBytes ?? 1024 * 1024;
    this.#queue = new ChunkQueue(Math.min(this.#maxBatchBytes, 16 * 1024));
  }

  /** The bytes that are not written yet. */
  get queuedBytes(): number {
    return this.#queue.bytes + this.#inFlightBytes;
  }

  /**
   * Queues a chunk. The caller must not change the chunk before `whenWritten` resolves. False means that the
   * queue is now larger than the high-water mark: wait for `whenDrained` before the next chunk. This chunk is
   * queued anyway.
   */
  write(chunk: Uint8Array | string): boolean {
    if (this.#broken || chunk.length === 0) return this.queuedBytes <= this.#highWaterMark;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.#takenBytes += bytes.length;
    if (this.#inFlightBytes > 0) this.#queue.push(bytes);
    else this.#sendBatch([bytes], bytes.length);
    return this.queuedBytes <= this.#highWaterMark;
  }

  /**
   * The next write(2) begins with a line feed. Others who write to the descriptor may have left a line
   * unfinished, also before the first write.
   */
  breakLine(): void {
    this.#breaksLine = true;
  }

  /**
   * Resolves when at most half of the high-water mark is queued. The queue of a broken descriptor is empty.
   */
  whenDrained(): Promise<void> {
    return this.#when(() => this.queuedBytes <= this.#highWaterMark / 2);
  }

  /** Resolves when all earlier chunks are written or dropped. Then their memory may be used again. */
  whenWritten(): Promise<void> {
    const end = this.#takenBytes;
    return this.#when(() => this.#takenBytes - this.queuedBytes >= end);
  }

  /** Waits until the queue is empty, for `timeoutMs` at most. False if it is not empty then. */
  async flush(timeoutMs: number): Promise<boolean> {
    await atMost(
      timeoutMs,
      this.#when(() => this.queuedBytes === 0),
    );
    return this.queuedBytes === 0;
  }

  #when(isDue: () => boolean): Promise<void> {
    if (isDue()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ isDue, resolve }));
  }

  #sendBatch(chunks: Uint8Array[], bytes: number): void {
    const breaksLine = this.#breaksLine;
    this.#breaksLine = false;
    if (!breaksLine) {
      this.#send(chunks, bytes);
      return;
    }
    this.#takenBytes += lineFeed.length;
    this.#send([lineFeed, ...chunks], bytes + lineFeed.length);
  }

  #send(chunks: Uint8Array[], bytes: number): void {
    this.#inFlight = chunks;
    this.#inFlightBytes = bytes;
    writev(this.#fd, chunks, null, (error, written) => this.#onWritten(error, written));
  }

  #onWritten(error: NodeJS.ErrnoException | null, written: number): void {
    const code = error?.code ?? '';
    if (busyErrors.has(code) || (!error && written === 0)) {
      setTimeout(() => this.#send(this.#inFlight, this.#inFlightBytes), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
      return;
    }
    this.#retryMs = firstRetryMs;
    if (error && !lostErrors.has(code)) {
      this.#broken = true;
      this.#queue.clear();
    }
    const rest = error ? [] : without(this.#inFlight, written);
    if (rest.length > 0) this.#send(rest, this.#inFlightBytes - written);
    else this.#sendNext();
    this.#settle();
  }

  #sendNext(): void {
    const before = this.#queue.bytes;
    this.#inFlight = [];
    this.#inFlightBytes = 0;
    if (before === 0) return;
    const room = this.#maxBatchBytes - (this.#breaksLine ? lineFeed.length : 0);
    const chunks = this.#queue.take(maxChunks, room);
    this.#sendBatch(chunks, before - this.#queue.bytes);
  }

  #settle(): void {
    for (const waiter of this.#waiters.splice(0)) {
      if (waiter.isDue()) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }
}

/** The chunks without their first `count` bytes. */
function without(chunks: Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  let index = 0;
  for (const chunk of chunks) {
    if (chunk.length > left) break;
    left -= chunk.length;
    index++;
  }
  const [head, ...tail] = chunks.slice(index);
  return head ? [head.subarray(left), ...tail] : [];
}
