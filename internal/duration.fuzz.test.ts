import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatGoDuration, parseGoDuration } from './duration.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test('a duration in Go’s format is read back as the same duration', () => {
  fc.assert(
    fc.property(int64, (ns) => {
      expect(parseGoDuration(formatGoDuration(ns))).toBe(Number(ns) / 1e6);
    }),
  );
});

test('any text is a duration, or refused in one line that quotes it', () => {
  const likely = fc.stringMatching(/^[-+]?[0-9.]{0,25}(ns|us|µs|ms|s|m|h|d|)([0-9.]{0,9}[a-zµ]{0,2})?$/);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), likely), (text) => {
      try {
        expect(Number.isFinite(parseGoDuration(text))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        expect(String(error)).toContain(JSON.stringify(text));
        expect(String(error)).not.toContain('\n');
      }
    }),
  );
});

test('terms add up', () => {
  const term = fc.tuple(fc.nat(1000), fc.constantFrom(...(['ms', 's', 'm', 'h'] as const)));
  const ms = { ms: 1, s: 1e3, m: 60e3, h: 3600e3 };
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 5 }), (terms) => {
      const text = terms.map(([count, unit]) => `${count}${unit}`).join('');
      expect(parseGoDuration(text)).toBe(terms.reduce((sum, [count, unit]) => sum + count * ms[unit], 0));
    }),
  );
});
