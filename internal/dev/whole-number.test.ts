import { expect, test } from 'vitest';
import { wholeNumber } from './whole-number.ts';

test.each(['1', '007', '9007199254740991'])('%s is a whole number', (text) => {
  expect(wholeNumber(1)(text)).toBe(Number(text));
});

test.each(['', ' 1', 'abc', '0', '-5', '1.5', '1e3', '0x10', '9007199254740992'])(
  '%j is refused, with what was expected',
  (text) => {
    expect(() => wholeNumber(1)(text)).toThrow('Expected a whole number of at least 1.');
  },
);
