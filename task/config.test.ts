import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../internal/failure.ts';
import { type Config, parseConfig } from './config.ts';

const zeroValues: Config = {
  cmd: [],
  user: '',
  task_id: '',
  token: '',
  readiness_file_path: '',
  enable_unsafe_retries: false,
  task_agent_path: '',
  runner_api_base_url: '',
  allocation: '',
  ssh_advertise_addr: '',
  max_run_time: 0n,
};

const complete = {
  cmd: ['/entry point', '-x', ''],
  user: 'circleci:docker',
  task_id: 'task-1',
  token: 'töken',
  readiness_file_path: '/run/ready',
  enable_unsafe_retries: true,
  task_agent_path: '/opt/circleci/bin/circleci-agent',
  runner_api_base_url: 'https://runner.test/base',
  allocation: 'allocation-1',
  ssh_advertise_addr: '10.1.2.3:54782',
  max_run_time: 18_000_000_000_000,
};

const names = Object.keys(zeroValues) as (keyof Config)[];
const stringNames = names.filter((name) => zeroValues[name] === '');

function failureOf(text: string): Failure {
  try {
    parseConfig(text);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

test('reads every field', () => {
  expect(parseConfig(JSON.stringify(complete))).toEqual({ ...complete, max_run_time: 18_000_000_000_000n });
});

test('gives absent fields their zero values and ignores unknown ones', () => {
  expect(parseConfig('{"__proto__": {"token": "x"}, "no_such_field": [1, {"user": "y"}]}')).toEqual(
    zeroValues,
  );
});

test('gives null fields their zero values', () => {
  const nulls = Object.fromEntries(names.map((name) => [name, null]));
  expect(parseConfig(JSON.stringify(nulls))).toEqual(zeroValues);
});

describe('a field of the wrong type', () => {
  const values: readonly (readonly [json: string, kind: string])[] = [
    ['"text"', 'a string'],
    ['7', 'a whole number'],
    ['1.5', 'a number with a fraction or an exponent'],
    ['1.8e13', 'a number with a fraction or an exponent'],
    ['true', 'a boolean'],
    ['{"a": 1}', 'an object'],
    ['["text"]', 'an array'],
  ];
  const accepted = (name: keyof Config, kind: string) =>
    ({ string: 'a string', boolean: 'a boolean', bigint: 'a whole number', object: 'an array' })[
      typeof zeroValues[name] as 'string'
    ] === kind;
  const cases = names.flatMap((name) =>
    values.filter(([, kind]) => !accepted(name, kind)).map(([json, kind]) => ({ name, json, kind })),
  );

  test.each(cases)('is refused by name: $name = $json', ({ name, json, kind }) => {
    const failure = failureOf(`{"${name}": ${json}}`);
    expect(failure.code).toBe('config');
    expect(failure.message).toMatch(
      new RegExp(`^Configuration field "${name}" must be .*, but is ${kind}\\.$`),
    );
  });
});

test.each([
  ['7', 'a whole number'],
  ['null', 'null'],
  ['["b"]', 'an array'],
])('names the element of cmd that is no string: %s', (json, kind) => {
  expect(failureOf(`{"cmd": ["a", ${json}]}`).message).toBe(
    `Configuration field "cmd[1]" must be a string, but is ${kind}.`,
  );
});

test.each(stringNames)('refuses a NUL character in %s', (name) => {
  expect(failureOf(JSON.stringify({ [name]: 'a\0b' })).message).toBe(
    `Configuration field "${name}" must not contain a NUL character.`,
  );
});

test('refuses a NUL character in an element of cmd', () => {
  expect(failureOf('{"cmd": ["a", "\\u0000"]}').message).toBe(
    'Configuration field "cmd[1]" must not contain a NUL character.',
  );
});

describe('max_run_time', () => {
  test.each<[string, bigint]>([
    ['0', 0n],
    ['-0', 0n],
    ['-1', -1n],
    ['9007199254740993', 9007199254740993n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['-9223372036854775808', -(2n ** 63n)],
  ])('keeps every digit of %s', (json, expected) => {
    expect(parseConfig(`{"max_run_time": ${json}}`).max_run_time).toBe(expected);
  });

  test.each(['9223372036854775808', '-9223372036854775809', '1e3', '1.0', '1e400', '"5h"'])(
    'refuses %s, which is not an int64',
    (json) => {
      expect(failureOf(`{"max_run_time": ${json}}`).message).toMatch(
        /^Configuration field "max_run_time" must be a whole number of nanoseconds that fits in 64 bits \(5h is 18000000000000\), but is /,
      );
    },
  );
});

test.each([
  ['null', 'null'],
  ['[]', 'an array'],
  ['"text"', 'a string'],
  ['7', 'a whole number'],
  ['false', 'a boolean'],
])('refuses %s, which is no object', (json, kind) => {
  expect(failureOf(json).message).toBe(`The configuration must be a JSON object, but is ${kind}.`);
});

test.each(['', ' \n'])('says that the configuration is empty: %j', (text) => {
  expect(failureOf(text).message).toBe('The configuration is empty; expected a JSON object.');
});

describe('the text of the configuration is in no message and no cause', () => {
  const secret = 'Sesame-Opens-4711';
  test.each([
    secret,
    `{"token": "${secret}"`,
    `{"token": "${secret}",}`,
    `{"token": ${secret}}`,
    `{"token": '${secret}'}`,
    `{"token": ["${secret}"]}`,
    `{"token": {"${secret}": 1}}`,
    `{"token": "${secret}", "user": 1}`,
    `{"token": "${secret}\\u0000"}`,
    `{"cmd": ["${secret}\\u0000"]}`,
    `{"max_run_time": "${secret}"}`,
    `["${secret}"]`,
    `"${secret}"`,
  ])('%s', (text) => {
    const failure = failureOf(text);
    expect(failure.cause).toBeUndefined();
    for (const piece of [secret, 'Sesame', '4711']) {
      expect(
        `${failure.message} ${failure.stack?.replace(failure.message, '')} ${failure.output}`,
      ).not.toContain(piece);
    }
    expect(failure.message).not.toContain('\n');
  });

  test('whatever the text is', () => {
    const noise = fc.string({
      minLength: 12,
      unit: fc.constantFrom('Ж', '"', '{', '}', '[', ',', ':', '\\'),
    });
    fc.assert(
      fc.property(noise, (text) => {
        expect(failureOf(text).message).not.toContain('Ж');
      }),
    );
  });

  test.each([
    ['arrays', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['objects', `${'{"a":'.repeat(100_000)}0${'}'.repeat(100_000)}`],
  ])('endless nesting of %s is refused as such', (_of, text) => {
    expect(failureOf(text).message).toContain('its objects and arrays are nested too deeply');
  });
});
