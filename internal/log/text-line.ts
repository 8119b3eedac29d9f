/**
 * What could forge a line, move the cursor of a terminal or turn the direction of text: C0 and C1 controls, soft
 * hyphen, Arabic letter mark, zero-width and direction marks, line and paragraph separators, invisible operators,
 * the byte order mark. Spelled out, as V8 would build the equivalent Unicode properties at every start.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is there to find them
const unsafe = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const needsQuotes = /[\s"=]/;
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with every control, escape and invisible character written as in JSON: `\n`, `\u001b`. */
export function escapeUnsafe(text: string): string {
  return text.replace(
    unsafe,
    (char) => shortEscapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

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
 * One event as a line of text with its line feed: time, level, message, then `key=value` sorted by key (by code unit).
 * A string stands as it is unless it has white space, a quote, `=` or an unsafe character, or is empty: then it is a
 * JSON string. Objects and arrays are JSON.
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
