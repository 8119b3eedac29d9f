import { escapeUnsafe } from '../output/safe-text.ts';

const needsQuotes = /[\s"=]/;

function quoted(text: string): string {
  const escaped = escapeUnsafe(text);
  return text === '' || escaped !== text || needsQuotes.test(text)
    ? escapeUnsafe(JSON.stringify(text))
    : text;
}

function formatValue(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : escapeUnsafe(JSON.stringify(value));
}

/**
 * One event as a line of text with its line feed: time, level, message, then `key=value` sorted by key (by
 * code unit). A string that is empty, or has white space, a quote, `=` or an unsafe character, becomes a JSON
 * string. Other strings stay as they are. Objects and arrays are JSON.
 */
export function formatTextLine(event: {
  readonly time: number;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}): string {
  const parts = [new Date(event.time).toISOString(), event.level.toUpperCase(), escapeUnsafe(event.message)];
  for (const key of Object.keys(event.fields).sort()) {
    parts.push(`${quoted(key)}=${formatValue(event.fields[key])}`);
  }
  return `${parts.join(' ')}\n`;
}
