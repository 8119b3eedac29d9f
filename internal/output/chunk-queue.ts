/**
 * Chunks that wait to be written, in order. Small chunks are copied into blocks, because an array takes much
 * more memory than a few bytes in it. A child that writes byte by byte must not fill the memory of a small
 * container. A chunk is never split, so a block only has whole chunks.
 */
export class ChunkQueue {
  readonly #blockBytes: number;
  #chunks: Uint8Array[] = [];
  #block: Uint8Array | undefined;
  #used = 0;
  #bytes = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  /** Bytes in the queue. */
  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (chunk.length > this.#blockBytes / 4) {
      this.#sealBlock();
      this.#chunks.push(chunk);
      return;
    }
    if (this.#used + chunk.length > this.#blockBytes) this.#sealBlock();
    this.#block ??= Buffer.allocUnsafe(this.#blockBytes);
    this.#block.set(chunk, this.#used);
    this.#used += chunk.length;
  }

  /** Takes chunks from the front: at least one, and at most `maxChunks` chunks with `maxBytes` bytes. */
  take(maxChunks: number, maxBytes: number): Uint8Array[] {
    this.#sealBlock();
    let count = 0;
    let bytes = 0;
    for (const chunk of this.#chunks) {
      if (count > 0 && (count === maxChunks || bytes + chunk.length > maxBytes)) break;
      count++;
      bytes += chunk.length;
    }
    this.#bytes -= bytes;
    return this.#chunks.splice(0, count);
  }

  clear(): void {
    this.#chunks = [];
    this.#block = undefined;
    this.#used = 0;
    this.#bytes = 0;
  }

  #sealBlock(): void {
    if (this.#block) this.#chunks.push(this.#block.subarray(0, this.#used));
    this.#block = undefined;
    this.#used = 0;
  }
}
