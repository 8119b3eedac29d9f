import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTextLine } from '../log/text-line.ts';
import { SecretMask } from './secret-mask.ts';

const secret = fc.string({ unit: 'binary', minLength: 8, maxLength: 60 });
const around = fc.string({ unit: 'grapheme' });

test('a secret of any characters shows in no line, as text or as JSON', () => {
  fc.assert(
    fc.property(secret, around, around, (hidden, before, after) => {
      const mask = new SecretMask([hidden]);
      const value = `${before}${hidden}${after}`;
      const lines = [
        formatTextLine({ time: 0, level: 'info', message: value, fields: {} }),
        formatTextLine({ time: 0, level: 'info', message: 'm', fields: { value, deep: { value: [value] } } }),
        `${JSON.stringify({ time: 0, level: 30, msg: value, value: { deep: [value] } })}\n`,
      ];
      for (const line of lines) {
        const masked = mask.mask(line);
        expect(masked).toContain('[REDACTED]');
        expect(masked).not.toContain(hidden);
        expect(masked).not.toContain(JSON.stringify(hidden).slice(1, -1));
      }
    }),
  );
});
