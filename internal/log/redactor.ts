import { escapeUnsafe } from './text-line.ts';

/** Shorter "secrets" would be found in ordinary words and make the log unreadable. */
const minimumLength = 4;
const replacement = '[REDACTED]';

/**
 * Takes secrets out of finished lines. This is the last line of defence: nobody is meant to log a secret. It finds
 * them as they are, and escaped as JSON (once, or twice as in a quoted answer of a server) and for a URL.
 */
export class Redactor {
  #forms: string[] = [];

  /** Secrets of fewer than four characters are ignored. */
  add(secret: string): void {
    if (secret.length < minimumLength) return;
    const once = jsonEscape(secret);
    const forms = [secret, once, jsonEscape(once), encodeURIComponent(secret.toWellFormed())];
    const all = new Set([...this.#forms, ...forms, ...forms.map(escapeUnsafe)]);
    this.#forms = [...all].sort((a, b) => b.length - a.length);
  }

  redact(line: string): string {
    return this.#forms.reduce((text, form) => text.replaceAll(form, replacement), line);
  }
}

function jsonEscape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
