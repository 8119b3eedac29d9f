import { StringDecoder } from 'node:string_decoder';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';

/** The bytes that a message shows of the beginning, and of the end, of an output. */
const shownBytes = 160;

/**
 * Keeps the beginning and the end of an output of any length. The text never shows a secret, or a part of
 * one. More bytes are kept than shown, so a secret that crosses the border is still found as a whole.
 */
export class KeptOutput {
  readonly #mask: SecretMask;
  readonly #capacity: number;
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);
  #total = 0;

  /**
   * @param mask already has every secret that may be in the output
   */
  constructor(mask: SecretMask) {
    this.#mask = mask;
    this.#capacity = shownBytes + mask.longestBytes;
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

  /** Both ends as text, with the number of bytes between them. '' if there was no output. */
  toString(): string {
    const between = this.#total - this.#head.length - this.#tail.length;
    if (between === 0) {
      const whole = this.#mask.maskBytes(Buffer.concat([this.#head, this.#tail]));
      return cut(whole, whole.length - 2 * shownBytes).trim();
    }
    const head = this.#mask.maskBytes(this.#head);
    const tail = this.#mask.maskBytes(this.#tail);
    const hidden = between + (head.length - shownBytes) + (tail.length - shownBytes);
    return join(head, tail, hidden).trim();
  }
}

function cut(whole: Buffer, hidden: number): string {
  return hidden > 0 ? join(whole, whole, hidden) : whole.toString();
}

function join(head: Buffer, tail: Buffer, hidden: number): string {
  return `${decodeHead(head.subarray(0, shownBytes))}\n... ${hidden} bytes left out ...\n${decodeTail(tail.subarray(-shownBytes))}`;
}

/** Drops a character that the cut has broken. Other bytes that are not UTF-8 show as U+FFFD. */
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
