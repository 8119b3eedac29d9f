import { expect, test } from 'vitest';
import { type Meaning, meaningOf } from './call.ts';
import { fail } from './fail.ts';
import { unclaim } from './unclaim.ts';

const calls = { unclaim, fail };

test.each<[keyof typeof calls, number, Meaning]>([
  ['unclaim', 200, 'success'],
  ['unclaim', 299, 'success'],
  ['unclaim', 302, 'refused'],
  ['unclaim', 400, 'refused'],
  ['unclaim', 404, 'gone'],
  ['unclaim', 409, 'retries-exhausted'],
  ['unclaim', 500, 'try-again'],
  ['fail', 204, 'success'],
  ['fail', 401, 'refused'],
  ['fail', 404, 'gone'],
  ['fail', 409, 'refused'],
  ['fail', 408, 'try-again'],
  ['fail', 425, 'try-again'],
  ['unclaim', 429, 'try-again'],
  ['fail', 599, 'try-again'],
])('%s answered with %d: %s', (call, status, meaning) => {
  expect(meaningOf(calls[call], status)).toBe(meaning);
});
