import { escapeUnsafe } from '../output/safe-text.ts';

/** Shorter "secrets" would match ordinary words and make the log unreadable. */
const minimumLength = 4;

/**
 * Removes secrets from texts that leave the process: log lines, and parts of other programs' output in
 * messages. This is the last line of defence, because no code should write a secret. It finds secrets as they
 * are, in base64, and escaped as JSON (once, or twice as in a quoted answer of a server), for a URL, and for a
 * text line.
 */
export class SecretMask {
  readonly #secrets = new Map<string, { readonly forms: readonly string[]; holders: number }>();
  #sorted: readonly string[] | undefined;

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** Masks this text too. Secrets with fewer than four characters are ignored. */
  add(secret: string): void {
    if (secret.length < minimumLength) return;
    const known = this.#secrets.get(secret);
    if (known !== undefined) known.holders++;
    else this.#secrets.set(secret, { forms: formsOf(secret), holders: 1 });
    this.#sorted = undefined;
  }

  /** Takes back one {@link add}: nobody has the secret any more. */
  remove(secret: string): void {
    const known = this.#secrets.get(secret);
    if (known === undefined || --known.holders > 0) return;
    this.#secrets.delete(secret);
    this.#sorted = undefined;
  }

  /** The text with `[REDACTED]` instead of each secret. */
  mask(text: string): string {
    return this.#forms.reduce((masked, form) => masked.replaceAll(form, '[REDACTED]'), text);
  }

  /**
   * The bytes with as many `*` instead of each secret, for output that is cut at any byte. If the length
   * changed, the text would move, and the first half of a cut secret could become visible.
   */
  maskBytes(bytes: Buffer): Buffer {
    const masked = this.#forms
      .map((form) => Buffer.from(form).toString('latin1'))
      .reduce((text, form) => text.replaceAll(form, '*'.repeat(form.length)), bytes.toString('latin1'));
    return Buffer.from(masked, 'latin1');
  }

  /** Longest first: if one secret is part of another, the rest of the longer one must not stay visible. */
  get #forms(): readonly string[] {
    this.#sorted ??= [...new Set([...this.#secrets.values()].flatMap(({ forms }) => forms))].sort(
      (a, b) => b.length - a.length,
    );
    return this.#sorted;
  }

  /** The bytes of the longest masked text. */
  get longestBytes(): number {
    return Math.max(0, ...this.#forms.map((form) => Buffer.byteLength(form)));
  }
}

function formsOf(secret: string): string[] {
  const once = jsonEscape(secret);
  const base64 = Buffer.from(secret).toString('base64');
  const forms = [secret, once, jsonEscape(once), encodeURIComponent(secret.toWellFormed()), base64];
  return [...forms, ...forms.map(escapeUnsafe)];
}

function jsonEscape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
