import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTextLine } from './text-line.ts';

test('one event stays one line, whatever is in it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (message, fields) => {
        const line = formatTextLine({ time: 0, level: 'info', message, fields });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it finds them
        expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      },
    ),
  );
});
