import { escapeUnsafe } from '../output/safe-text.ts';

/** Shorter "secrets" would be found in ordinary words and make the log unreadable. */
const minimumLength = 4;

/**
 * Takes secrets out of what leaves the process in words: log lines, and what messages quote of other programs' words.
 * This is the last line of defence: nobody is meant to write a secret. It finds them as they are, and escaped as JSON
 * (once, or twice as in a quoted answer of a server), for a URL, and for a text line.
 */
export class SecretMask {
  #forms: readonly string[] = [];

  constructor(secrets: readonly string[] = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** From now on this text is masked, too. Secrets of fewer than four characters are ignored. */
  add(secret: string): void {
    if (secret.length < minimumLength) return;
    const once = jsonEscape(secret);
    const forms = [secret, once, jsonEscape(once), encodeURIComponent(secret.toWellFormed())];
    const all = new Set([...this.#forms, ...forms, ...forms.map(escapeUnsafe)]);
    // Longest first: a secret that is part of another one must not leave the other's rest in view.
    this.#forms = [...all].sort((a, b) => b.length - a.length);
  }

  /** The text with `[REDACTED]` in place of each secret. */
  mask(text: string): string {
    return this.#forms.reduce((masked, form) => masked.replaceAll(form, '[REDACTED]'), text);
  }

  /**
   * The bytes with as many `*` in place of each secret, for output that is cut at any byte: text that moved up could
   * bring the first half of a cut secret into view.
   */
  maskBytes(bytes: Buffer): Buffer {
    const masked = this.#forms
      .map((form) => Buffer.from(form).toString('latin1'))
      .reduce((text, form) => text.replaceAll(form, '*'.repeat(form.length)), bytes.toString('latin1'));
    return Buffer.from(masked, 'latin1');
  }

  /** How many bytes the longest text takes that is masked. */
  get longestBytes(): number {
    return Math.max(0, ...this.#forms.map((form) => Buffer.byteLength(form)));
  }
}

function jsonEscape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
