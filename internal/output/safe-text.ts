/**
 * The characters that could forge a line, move the cursor of a terminal or change the direction of text: C0
 * and C1 controls, soft hyphen, Arabic letter mark, zero-width and direction marks, line and paragraph
 * separators, invisible operators, the byte order mark. They are written as ranges, because V8 would have to
 * build the equivalent Unicode properties at every start.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it finds them
const unsafe = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with every control, escape and invisible character written as in JSON: `\n`, `\u001b`. */
export function escapeUnsafe(text: string): string {
  return text.replace(
    unsafe,
    (char) => shortEscapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The text without characters that have a meaning in HTML, for a message that ends up in a web page. */
export function removeMarkup(text: string): string {
  // An escaped quote is removed with its backslash.
  return text.replace(/\\?["']|[<>&]/g, '');
}
