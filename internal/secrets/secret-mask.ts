import { escapeUnsafe } from '../output/safe-text.ts';
import { FormIndex, startLength } from './form-index.ts';

/** Shorter "secrets" would match ordinary words and make the log unreadable. */
const minimumLength = startLength;

/**
 * Removes secrets from texts that leave the process: log lines, and parts of other programs' output in
 * messages. This is the last line of defence, because no code should write a secret. It finds secrets as they
 * are, in base64, and escaped as JSON (once, or twice as in a quoted answer of a server), for a URL, and for a
 * text line.
 */
export class SecretMask {
  readonly #forms = new FormIndex();
  /** The forms as bytes, each byte as a character. */
  readonly #byteForms = new FormIndex();

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** Masks this text too. Secrets with fewer than four characters are ignored. */
  add(secret: string): void {
    for (const form of formsOf(secret)) {
      this.#forms.add(form);
      this.#byteForms.add(bytesOf(form));
    }
  }

  /** Undoes one {@link add}. */
  remove(secret: string): void {
    for (const form of formsOf(secret)) {
      this.#forms.remove(form);
      this.#byteForms.remove(bytesOf(form));
    }
  }

  /** The text with `[REDACTED]` instead of each secret. */
  mask(text: string): string {
    return this.#forms.replace(text, () => '[REDACTED]');
  }

  /**
   * The bytes with as many `*` instead of each secret, for output that is cut at any byte. If the length
   * changed, the text would move, and the first half of a cut secret could become visible.
   */
  maskBytes(bytes: Buffer): Buffer {
    const masked = this.#byteForms.replace(bytes.toString('latin1'), (length) => '*'.repeat(length));
    return Buffer.from(masked, 'latin1');
  }

  /** The bytes of the longest masked text. */
  get longestBytes(): number {
    return [...this.#byteForms.all()].reduce((longest, { length }) => Math.max(longest, length), 0);
  }
}

function formsOf(secret: string): ReadonlySet<string> {
  if (secret.length < minimumLength) return new Set();
  const once = jsonEscape(secret);
  const base64 = Buffer.from(secret).toString('base64');
  const forms = [secret, once, jsonEscape(once), encodeURIComponent(secret.toWellFormed()), base64];
  return new Set([...forms, ...forms.map(escapeUnsafe)]);
}

function bytesOf(form: string): string {
  return Buffer.from(form).toString('latin1');
}

function jsonEscape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
