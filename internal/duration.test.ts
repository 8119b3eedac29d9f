import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatGoDuration, parseGoDuration } from './duration.ts';

const refused = [
  '',
  ' ',
  '-',
  '+',
  '.',
  's',
  '.s',
  '+.s',
  '--1s',
  '10',
  '3.5',
  '10x',
  '10S',
  '10 s',
  ' 10s',
  '10s ',
  '1s 2m',
  '1..5s',
  '1.5.5s',
  '1e3s',
  '1s1',
  '1d',
  '00',
  '0.',
  '٣s',
  'Infinitys',
  '1constructor',
  '1toString',
];

describe('parseGoDuration', () => {
  test.each(refused)('refuses %j in one line that quotes it', (text) => {
    expect(() => parseGoDuration(text)).toThrow(
      new Error(`${JSON.stringify(text)} is not a duration; expected e.g. 300ms, 10s, 1m30s`),
    );
  });

  test('keeps the message on one line, whatever the text is', () => {
    expect(() => parseGoDuration('1\n2')).toThrow(/^"1\\n2" is not a duration; [^\n]*$/);
  });

  test.each([
    '9223372036854775808ns',
    '9223372036854775.808us',
    '9223372036854ms775us808ns',
    '-9223372036854775809ns',
    '2562047h47m16.854775808s',
    '99999999999999999999999h',
    '3000000h',
  ])('refuses %s, which does not fit into 64 bits of nanoseconds', (text) => {
    expect(() => parseGoDuration(text)).toThrow(
      new Error(`"${text}" is too long for a duration; the longest is 2562047h47m16s (292 years)`),
    );
  });

  test.each<[string, number]>([
    ['0', 0],
    ['-0', 0],
    ['+0', 0],
    ['0s', 0],
    ['-0s', 0],
    ['5s', 5_000],
    ['+5s', 5_000],
    ['-5s', -5_000],
    ['007s', 7_000],
    ['5.0s', 5_000],
    ['5.6s', 5_600],
    ['5.s', 5_000],
    ['.5s', 500],
    ['1.0000s', 1_000],
    ['1.004s', 1_004],
    ['100.00100s', 100_001],
    ['10ns', 0.00001],
    ['1.9ns', 0.000001],
    ['11us', 0.011],
    ['12µs', 0.012],
    ['12μs', 0.012],
    ['13ms', 13],
    ['300ms', 300],
    ['1.5ms', 1.5],
    ['1m30s', 90_000],
    ['1h0m0s', 3_600_000],
    ['3h30m', 12_600_000],
    ['10.5s4m', 250_500],
    ['-2m3.4s', -123_400],
    ['1h2m3s4ms5us6ns', 3_723_004.005006],
    ['39h9m14.425s', 140_954_425],
    ['0.3333333333333333333h', 1_200_000],
    ['0.100000000000000000000h', 360_000],
    ['0.9223372036854775807h', 3_320_413.933267],
    ['0.830103483285477580700h', 2_988_372.539827],
    ['9007199254.740993s', 9_007_199_254_740.992],
    ['9223372036854775807ns', 9_223_372_036_854.775],
    ['-9223372036854775808ns', -9_223_372_036_854.775],
    ['-2562047h47m16.854775808s', -9_223_372_036_854.775],
  ])('reads %s as %d ms', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBe(milliseconds);
  });
});

describe('formatGoDuration', () => {
  test.each([2n ** 63n, -(2n ** 63n) - 1n])('refuses %d, which is not an int64', (ns) => {
    expect(() => formatGoDuration(ns)).toThrow(
      new RangeError(`a duration of ${ns} ns does not fit into 64 bits`),
    );
  });

  test.each<[bigint, string]>([
    [0n, '0s'],
    [1n, '1ns'],
    [999n, '999ns'],
    [1_000n, '1µs'],
    [1_100n, '1.1µs'],
    [2_200_000n, '2.2ms'],
    [999_999_999n, '999.999999ms'],
    [1_000_000_000n, '1s'],
    [1_000_000_001n, '1.000000001s'],
    [1_500_000_000n, '1.5s'],
    [10_000_000_000n, '10s'],
    [59_999_999_999n, '59.999999999s'],
    [60_000_000_000n, '1m0s'],
    [245_000_000_000n, '4m5s'],
    [245_001_000_000n, '4m5.001s'],
    [3_600_000_000_000n, '1h0m0s'],
    [18_000_000_000_000n, '5h0m0s'],
    [18_367_001_000_000n, '5h6m7.001s'],
    [480_000_000_001n, '8m0.000000001s'],
    [-1n, '-1ns'],
    [-1_500_000_000n, '-1.5s'],
    [-3_600_000_000_000n, '-1h0m0s'],
    [2n ** 63n - 1n, '2562047h47m16.854775807s'],
    [-(2n ** 63n), '-2562047h47m16.854775808s'],
  ])('writes %d ns as %s', (ns, text) => {
    expect(formatGoDuration(ns)).toBe(text);
  });

  test('is read back as the same duration for every int64', () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(fc.oneof(int64, fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n })), (ns) => {
        expect(parseGoDuration(formatGoDuration(ns))).toBe(Number(ns) / 1e6);
      }),
    );
  });
});
