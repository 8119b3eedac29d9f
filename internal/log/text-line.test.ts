import { expect, it } from 'vitest';
import { escapeUnsafe } from '../output/safe-text.ts';
import { formatTextLine } from './text-line.ts';

function line(message: string, fields: Record<string, unknown> = {}): string {
  return formatTextLine({ time: 0, level: 'info', message, fields });
}

it('is time, level, message and then the fields sorted by key', () => {
  expect(line('it began', { b: 1, 'a.z': 2, 'a.b': 3, B: 4 })).toBe(
    '1970-01-01T00:00:00.000Z INFO it began B=4 a.b=3 a.z=2 b=1\n',
  );
});

it.each<[unknown, string]>([
  ['plain', 'plain'],
  ['[::]:7623', '[::]:7623'],
  ['/opt/circleci/bin', '/opt/circleci/bin'],
  ['C:\\bin', 'C:\\bin'],
  ['größe', 'größe'],
  ['two words', '"two words"'],
  ['no\u00a0break', '"no\u00a0break"'],
  ['a=b', '"a=b"'],
  ['say "hi"', '"say \\"hi\\""'],
  ['two\nlines\r\n', '"two\\nlines\\r\\n"'],
  ['a\ttab', '"a\\ttab"'],
  ['\u001b[2J', '"\\u001b[2J"'],
  ['\u009b2J', '"\\u009b2J"'],
  ['\u0000', '"\\u0000"'],
  ['a\u202eb', '"a\\u202eb"'],
  ['', '""'],
  [0, '0'],
  [1.5, '1.5'],
  [true, 'true'],
  [null, 'null'],
  [{ a: { b: 'c d' } }, '{"a":{"b":"c d"}}'],
  [['x', 1], '["x",1]'],
  [{ a: '\u009b\n' }, '{"a":"\\u009b\\n"}'],
])('writes the value %j as %s', (value, expected) => {
  expect(line('m', { key: value })).toBe(`1970-01-01T00:00:00.000Z INFO m key=${expected}\n`);
});

it('quotes a key that is not a plain word', () => {
  expect(line('m', { 'a b': 1, 'c=d': 2, 'e\n': 3, '': 4 })).toBe(
    '1970-01-01T00:00:00.000Z INFO m ""=4 "a b"=1 "c=d"=2 "e\\n"=3\n',
  );
});

it('lets no message begin a line or control a terminal', () => {
  const message =
    'job said: \n1970-01-01T00:00:00.000Z INFO starting orchestrator\r\u001b]0;title\u0007\u2028\u202e';
  expect(line(message)).toBe(
    '1970-01-01T00:00:00.000Z INFO job said: \\n1970-01-01T00:00:00.000Z INFO starting orchestrator' +
      '\\r\\u001b]0;title\\u0007\\u2028\\u202e\n',
  );
});

it('escapes every control, separator and direction mark, and nothing visible', () => {
  const survivors: string[] = [];
  const victims: string[] = [];
  for (let code = 0; code < 0xd800; code++) {
    const char = String.fromCharCode(code);
    const escaped = escapeUnsafe(char) !== char;
    if (!escaped && /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(char)) {
      survivors.push(code.toString(16));
    }
    if (escaped && /[\p{L}\p{N}\p{P}\p{S}\p{Zs}]/u.test(char)) victims.push(code.toString(16));
  }
  expect(victims).toEqual([]);
  expect(survivors).toEqual([]);
});
