import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Redactor } from './redactor.ts';
import { formatTextLine } from './text-line.ts';

const secret = fc.string({ unit: 'binary', minLength: 8, maxLength: 60 });
const around = fc.string({ unit: 'grapheme' });

test('a secret shows in no line, as text or as JSON, whatever characters it has', () => {
  fc.assert(
    fc.property(secret, around, around, (hidden, before, after) => {
      const redactor = new Redactor();
      redactor.add(hidden);
      const value = `${before}${hidden}${after}`;
      const lines = [
        formatTextLine({ time: 0, level: 'info', message: value, fields: {} }),
        formatTextLine({ time: 0, level: 'info', message: 'm', fields: { value, deep: { value: [value] } } }),
        `${JSON.stringify({ time: 0, level: 30, msg: value, value: { deep: [value] } })}\n`,
      ];
      for (const line of lines) {
        const redacted = redactor.redact(line);
        expect(redacted).toContain('[REDACTED]');
        expect(redacted).not.toContain(hidden);
        expect(redacted).not.toContain(JSON.stringify(hidden).slice(1, -1));
      }
    }),
  );
});

test('one event stays one line, whatever is in it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (message, fields) => {
        const line = formatTextLine({ time: 0, level: 'info', message, fields });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is there to find them
        expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      },
    ),
  );
});
