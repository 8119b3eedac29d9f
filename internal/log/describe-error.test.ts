import { expect, it } from 'vitest';
import { describeError } from './describe-error.ts';

const missing = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
const refused = Object.assign(
  new AggregateError([new Error('refused ::1'), new Error('refused 127.0.0.1')]),
  {
    code: 'ECONNREFUSED',
  },
);
const selfCaused = new Error('again');
selfCaused.cause = selfCaused;
const circular: { self?: unknown } = {};
circular.self = circular;

it.each<[string, unknown, string]>([
  ['the message', new Error('broken'), 'broken'],
  [
    'the chain of causes',
    new Error('a', { cause: new Error('b', { cause: missing }) }),
    'a: b: ENOENT: no such file',
  ],
  [
    'a cause that the message quotes only once',
    new Error('cannot read: ENOENT: no such file', { cause: missing }),
    'cannot read: ENOENT: no such file',
  ],
  ['a cause that is no error', new Error('a', { cause: 'because' }), 'a: because'],
  ['every error of an aggregate', refused, 'refused ::1; refused 127.0.0.1'],
  ['a code instead of an empty message', Object.assign(new Error(''), { code: 'EPIPE' }), 'EPIPE'],
  ['a name when there is nothing else', new TypeError(''), 'TypeError'],
  ['an error that is its own cause once', selfCaused, 'again'],
  ['a string', 'just text', 'just text'],
  ['nothing at all', undefined, 'undefined'],
  ['null', null, 'null'],
  ['an object', { reason: 1 }, '{"reason":1}'],
  ['an object that is no JSON', circular, '[object Object]'],
])('gives %s', (_, error, expected) => {
  expect(describeError(error)).toBe(expected);
});

it('ends an endless chain', () => {
  let error: unknown;
  for (let index = 0; index < 1000; index++) error = new Error(`cause <${index}>`, { cause: error });
  expect(describeError(error).split(': ')).toHaveLength(8);
});
