/**
 * The name under which the runner API lists this program. It accepts only letters, digits and `. ( ) - _`.
 *
 * @returns the name with a hyphen in place of each run of other characters
 * @throws Error if no valid character is left
 */
export function sanitizeAgentName(name: string): string {
  const sanitized = name.replace(/[^A-Za-z0-9.()_-]+/g, '-').replace(/^-+|-+$/g, '');
  if (sanitized === '') throw new Error('expected at least one letter, digit or any of . ( ) - _');
  return sanitized;
}
