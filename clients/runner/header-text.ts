/** Whether a text can be part of a header: only printable ASCII, as in tokens (RFC 6750, 2.1), and spaces. */
export function isHeaderText(text: string): boolean {
  return !/[^\x20-\x7e]/.test(text);
}
