/**
 * The name under which the runner API lists this program: it takes letters, digits and `. ( ) - _` only.
 *
 * @returns the name with a hyphen for each run of other characters
 * @throws Error when nothing is left of it
 */
export function sanitizeAgentName(name: string): string {
  const sanitized = name.replace(/[^A-Za-z0-9.()_-]+/g, '-').replace(/^-+|-+$/g, '');
  if (sanitized === '') {
    throw new Error('expected at least one letter, digit or any of . ( ) - _');
  }
  return sanitized;
}
