import { expect, test } from 'vitest';
import { pinoLines } from './pino-lines.ts';

test('no character controls a terminal, and a parser of the line gets every character back', () => {
  const hostile = 'a\u001b[31m\u007f\u009b31m\u202e\u2028\nb';
  const line = pinoLines()({ time: 0, level: 'info', message: hostile, fields: { [hostile]: hostile } });
  expect(line).toMatch(/^[\x20-\x7e]*\n$/);
  expect(JSON.parse(line)).toEqual({
    level: 'info',
    time: '1970-01-01T00:00:00.000Z',
    msg: hostile,
    [hostile]: hostile,
  });
});
