import { expect, test } from 'vitest';
import { readRetryAfterMs } from './retry-after.ts';

const nowMs = Date.parse('Thu, 26 Nov 2026 05:00:00 GMT');
const inAMinute = 'Thu, 26 Nov 2026 05:01:00 GMT';

test.each<[string, Readonly<Record<string, unknown>>, number | undefined]>([
  ['seconds', { 'retry-after': '30' }, 30_000],
  ['no time at all', { 'retry-after': '0' }, 0],
  ['a date', { 'retry-after': inAMinute }, 60_000],
  ['a date that has passed', { 'retry-after': 'Thu, 26 Nov 2026 04:00:00 GMT' }, 0],
  [
    'a date by the clock of the server, which is half a minute ahead',
    { 'retry-after': inAMinute, date: 'Thu, 26 Nov 2026 05:00:30 GMT' },
    30_000,
  ],
  ['a date beside a Date that is none', { 'retry-after': inAMinute, date: 'today' }, 60_000],
  ['more than an hour', { 'retry-after': '86400' }, 3_600_000],
  ['words', { 'retry-after': 'soon' }, undefined],
  ['a negative number', { 'retry-after': '-5' }, undefined],
  ['two headers', { 'retry-after': ['1', '2'] }, undefined],
  ['nothing', {}, undefined],
])('%s', (_case, headers, expected) => {
  expect(readRetryAfterMs(headers, nowMs)).toBe(expected);
});
