export type RequestHead =
  | { readonly kind: 'request'; readonly method: string; readonly target: string }
  | { readonly kind: 'incomplete' | 'malformed' };

/** Blank lines may come before a request, and a line may end with only LF: RFC 9112, 2.2. */
const leadingBlankLines = /^(\r?\n)+/;
const endOfHead = /\r?\n\r?\n/;
/** A method is any token: RFC 9110, 5.6.2 and 9.1. */
const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/1\.[01]\r?\n/;
/** The origin of a target in absolute form. Every server has to accept this form: RFC 9112, 3.2.2. */
const origin = /^https?:\/\/[^/?]*/i;

/**
 * Parses the received part of an HTTP/1.x request. It returns the first line once the header is complete, and
 * ignores the header's fields. It returns `malformed` as soon as the first line is complete and wrong.
 */
export function parseRequestHead(text: string): RequestHead {
  const head = text.replace(leadingBlankLines, '');
  if (!head.includes('\n')) return { kind: 'incomplete' };
  const [, method, target] = requestLine.exec(head) ?? [];
  if (method === undefined || target === undefined) return { kind: 'malformed' };
  if (!endOfHead.test(head)) return { kind: 'incomplete' };
  return { kind: 'request', method, target: target.replace(origin, '') };
}
