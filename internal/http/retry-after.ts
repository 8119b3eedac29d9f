/** A header with much more is a mistake. It must not silence a program for days. */
const longestMs = 3_600_000;

/**
 * How long a server asks to be left alone: RFC 9110 (10.2.3), seconds or a date. A date is compared with the
 * server's own clock, if the answer tells it.
 *
 * @param headers by their lower-case names
 * @returns ms, at most an hour. Undefined if there is no valid header
 */
export function readRetryAfterMs(
  headers: Readonly<Record<string, unknown>>,
  nowMs: number,
): number | undefined {
  const { date, 'retry-after': asked } = headers;
  const seconds = /^\d+$/.exec(String(asked))?.[0];
  const ms = seconds === undefined ? readDate(asked) - (readDate(date) || nowMs) : Number(seconds) * 1000;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestMs);
}

// Date.parse alone finds a year in '-5'.
function readDate(value: unknown): number {
  return /^[A-Z][a-z]{2}, .* GMT$/.test(String(value)) ? Date.parse(String(value)) : Number.NaN;
}
