export type RequestHead =
  | { readonly kind: 'request'; readonly method: string; readonly target: string }
  | { readonly kind: 'incomplete' | 'malformed' };

/** Blank lines may come before a request and a line may end in LF alone: RFC 9112, 2.2. */
const leadingBlankLines = /^(\r?\n)+/;
const endOfHead = /\r?\n\r?\n/;
/** A method is any token: RFC 9110, 5.6.2 and 9.1. */
const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/1\.[01]\r?\n/;
/** The origin of a target in absolute form, which every server has to take: RFC 9112, 3.2.2. */
const origin = /^https?:\/\/[^/?]*/i;

/**
 * Reads what has come of an HTTP/1.x request: its first line as soon as its header is complete. The header's fields
 * are of no use here. Malformed is said as early as a first line is there that is none.
 */
export function parseRequestHead(text: string): RequestHead {
  const head = text.replace(leadingBlankLines, '');
  if (!head.includes('\n')) return { kind: 'incomplete' };
  const [, method, target] = requestLine.exec(head) ?? [];
  if (method === undefined || target === undefined) return { kind: 'malformed' };
  if (!endOfHead.test(head)) return { kind: 'incomplete' };
  return { kind: 'request', method, target: target.replace(origin, '') };
}
