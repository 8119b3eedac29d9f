import { describe, expect, test } from 'vitest';
import { Environment } from './environment.ts';
import { type OptionRules, optionValues } from './options.ts';

const rules = {
  size: {
    syntax: '--size <number>',
    variable: 'SIZE',
    description: 'how large',
    parse: (text: string) => {
      if (!/^\d+$/.test(text)) throw new Error(`${text} is no number`);
      return Number(text);
    },
    default: '10',
  },
  place: { syntax: '[PLACE]', variable: 'PLACE', description: 'where', parse: String, default: '/' },
} as const satisfies OptionRules;

const required = {
  shape: {
    syntax: '--shape <name>',
    variable: 'SHAPE',
    description: 'which shape',
    parse: String,
    required: 'The shape',
  },
  key: {
    syntax: '--key <text>',
    variable: 'KEY',
    description: 'the key',
    parse: String,
    required: 'The key',
    secret: true,
  },
} as const satisfies OptionRules;

function values(given: Record<string, string>, variables: Record<string, string>) {
  return optionValues(rules, given, Environment.fromObject(variables));
}

describe('an option is', () => {
  test.each<[string, Record<string, string>, Record<string, string>, object]>([
    ['its default', {}, {}, { size: 10, place: '/' }],
    ['that of its variable', {}, { SIZE: '2', PLACE: '/x' }, { size: 2, place: '/x' }],
    ['its default when the variable is empty', {}, { SIZE: '', PLACE: '' }, { size: 10, place: '/' }],
    ['that of its flag, whatever the variable is', { size: '3' }, { SIZE: 'x' }, { size: 3, place: '/' }],
  ])('%s', (_title, given, variables, expected) => {
    expect(values(given, variables)).toEqual(expected);
  });
});

describe('a usage error', () => {
  test.each([
    ['names flag, variable and value', 'x', '--size (SIZE): x is no number.'],
    ['leaves out what may be a secret', '{"key":1}', '--size (SIZE): the value is invalid.'],
    [
      'names quotes that were kept',
      '"10s"',
      '--size (SIZE): the value is in quotes, which YAML or a shell should have removed.',
    ],
    [
      'names white space around it',
      '10s\n',
      '--size (SIZE): the value begins or ends with white space, such as a line feed.',
    ],
    ['leaves out what is long', 'x'.repeat(65), '--size (SIZE): the value is invalid.'],
  ])('%s', (_title, text, message) => {
    expect(() => values({ size: text }, {})).toThrow(expect.objectContaining({ code: 'usage', message }));
    expect(() => values({}, { SIZE: text })).toThrow(message);
  });

  test('says how to give a missing option, and that a secret belongs into its variable', () => {
    const read = (given: Record<string, string>) => optionValues(required, given, Environment.fromObject({}));
    expect(() => optionValues(required, {}, Environment.fromObject({ KEY: '', SHAPE: 'x' }))).toThrow(
      'The key is missing: set KEY.',
    );
    expect(() => read({ key: 'x' })).toThrow('The shape is missing: give --shape or set SHAPE.');
    expect(() => read({ shape: 'x' })).toThrow('The key is missing: set KEY.');
  });
});
