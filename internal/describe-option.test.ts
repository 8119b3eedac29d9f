import { expect, test } from 'vitest';
import { describeOption } from './describe-option.ts';

const size = {
  syntax: '--size <number>',
  variable: 'SIZE',
  description: 'how large',
  parse: Number,
} as const;
const place = { syntax: '[PLACE]', variable: 'PLACE', description: 'where', parse: String } as const;

test.each([
  [{ ...size, default: '10' }, 'how large (default: 10, env: SIZE)'],
  [{ ...place, default: '/' }, 'where (default: "/", env: PLACE)'],
  [{ ...place, required: 'The place' }, 'where (env: PLACE)'],
])('help has the default, with quotes around texts, and the variable: %#', (rule, text) => {
  expect(describeOption(rule)).toBe(text);
});
