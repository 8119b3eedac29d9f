const nanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, the micro sign
  μs: 1e3, // U+03BC, the Greek letter
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const maxInt64 = 2n ** 63n - 1n;
const minInt64 = -(2n ** 63n);

/**
 * Reads a duration as Go's `time.ParseDuration` does: an optional sign, then numbers with a unit each, or a bare 0.
 * Negative durations are valid. Callers that do not want them refuse them.
 *
 * @returns milliseconds, with a fraction below a millisecond
 * @throws Error with one line that quotes `text` and shows valid durations
 */
export function parseGoDuration(text: string): number {
  const unsigned = /^[-+]/.test(text) ? text.slice(1) : text;
  if (unsigned === '0') return 0;
  const magnitude = sumOfTerms(unsigned);
  if (magnitude === undefined)
    throw new Error(`${JSON.stringify(text)} is not a duration; expected e.g. 300ms, 10s, 1m30s`);
  const ns = text.startsWith('-') ? -magnitude : magnitude;
  if (ns > maxInt64 || ns < minInt64)
    throw new Error(
      `${JSON.stringify(text)} is too long for a duration; the longest is 2562047h47m16s (292 years)`,
    );
  return Number(ns) / 1e6;
}

function sumOfTerms(text: string): bigint | undefined {
  const term = /(\d*)(?:\.(\d*))?([^\d.]+)/y;
  let sum = 0n;
  do {
    const [, whole = '', fraction = '', unit = ''] = term.exec(text) ?? [];
    const ns = Object.hasOwn(nanoseconds, unit) ? nanoseconds[unit] : undefined;
    if (ns === undefined || whole + fraction === '') return undefined;
    sum += BigInt(whole) * BigInt(ns) + fractionOf(fraction, ns);
  } while (term.lastIndex < text.length);
  return sum;
}

/** Go computes the fraction in floating point (0.3333333333333333333h is 20m) and drops digits past an int64. */
function fractionOf(digits: string, ns: number): bigint {
  let kept = digits.slice(0, 19);
  if (BigInt(kept) > maxInt64) kept = kept.slice(0, 18);
  return BigInt(Math.trunc(Number(kept) * (ns / 10 ** kept.length)));
}

/**
 * Writes a duration exactly as Go's `Duration.String()` does: `0s`, `1.5s`, `1m0s`, `5h0m0s`, `1µs`.
 *
 * @param ns nanoseconds
 * @throws RangeError if `ns` does not fit into Go's int64
 */
export function formatGoDuration(ns: bigint): string {
  if (ns > maxInt64 || ns < minInt64)
    throw new RangeError(`a duration of ${ns} ns does not fit into 64 bits`);
  const sign = ns < 0n ? '-' : '';
  const magnitude = ns < 0n ? -ns : ns;
  if (magnitude === 0n) return '0s';
  if (magnitude < 1_000n) return `${sign}${magnitude}ns`;
  if (magnitude < 1_000_000n) return `${sign}${decimal(magnitude, 3)}µs`;
  if (magnitude < 1_000_000_000n) return `${sign}${decimal(magnitude, 6)}ms`;
  const minutes = magnitude / 60_000_000_000n;
  const seconds = `${decimal(magnitude % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return `${sign}${seconds}`;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** The same for milliseconds, which may have a fraction. */
export function formatGoDurationMs(ms: number): string {
  return formatGoDuration(BigInt(Math.round(ms * 1e6)));
}

function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  const whole = digits.slice(0, -places);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
