import { StringDecoder } from 'node:string_decoder';

/** How much of the beginning and of the end of an output a message shows, in bytes. */
const shownBytes = 160;

/**
 * Keeps the beginning and the end of an output of any length. A secret in it never shows, nor does a piece of
 * one that was cut in two: more is kept than is shown, so that a secret across the border is still seen whole.
 */
export class KeptOutput {
  readonly #secrets: readonly string[];
  readonly #capacity: number;
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);
  #total = 0;

  constructor(secrets: readonly string[]) {
    // Longest first: a secret that is part of another one must not leave the other's rest in view.
    this.#secrets = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
    this.#capacity = shownBytes + Math.max(0, ...this.#secrets.map((secret) => Buffer.byteLength(secret)));
  }

  add(chunk: Buffer): void {
    this.#total += chunk.length;
    const missing = this.#capacity - this.#head.length;
    const forHead = chunk.subarray(0, missing);
    if (forHead.length > 0) {
      this.#head = Buffer.concat([this.#head, forHead]);
    }
    const rest = chunk.subarray(forHead.length);
    if (rest.length >= this.#capacity) {
      this.#tail = Buffer.from(rest.subarray(-this.#capacity));
    } else if (rest.length > 0) {
      this.#tail = Buffer.concat([this.#tail, rest]).subarray(-this.#capacity);
    }
  }

  /** Both ends as text, with a note of how many bytes stand between them; '' if there was no output. */
  toString(): string {
    const between = this.#total - this.#head.length - this.#tail.length;
    if (between === 0) {
      const whole = this.#redact(Buffer.concat([this.#head, this.#tail]));
      return cut(whole, whole.length - 2 * shownBytes).trim();
    }
    const head = this.#redact(this.#head);
    const tail = this.#redact(this.#tail);
    const hidden = between + (head.length - shownBytes) + (tail.length - shownBytes);
    return join(head, tail, hidden).trim();
  }

  #redact(bytes: Buffer): Buffer {
    let text = bytes.toString('latin1');
    for (const secret of this.#secrets) {
      const bytesOfSecret = Buffer.from(secret).toString('latin1');
      // As long as what it hides: text that moved up could bring the first half of a cut secret into view.
      text = text.replaceAll(bytesOfSecret, '*'.repeat(bytesOfSecret.length));
    }
    return Buffer.from(text, 'latin1');
  }
}

function cut(whole: Buffer, hidden: number): string {
  return hidden > 0 ? join(whole, whole, hidden) : whole.toString();
}

function join(head: Buffer, tail: Buffer, hidden: number): string {
  return `${decodeHead(head.subarray(0, shownBytes))}\n... ${hidden} bytes left out ...\n${decodeTail(tail.subarray(-shownBytes))}`;
}

/** Leaves off a character that the cut has broken; other bytes that are no UTF-8 show as U+FFFD. */
function decodeHead(bytes: Buffer): string {
  return new StringDecoder('utf8').write(bytes);
}

function decodeTail(bytes: Buffer): string {
  const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) {
    start++;
  }
  return bytes.subarray(start).toString();
}
