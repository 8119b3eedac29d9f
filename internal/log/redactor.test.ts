import { expect, it } from 'vitest';
import { Redactor } from './redactor.ts';
import { escapeUnsafe } from './text-line.ts';

const token = 'se"cret\\with/all + the\nrest\u009b';

it.each<[string, string]>([
  ['as it is', token],
  ['escaped as JSON', JSON.stringify(token)],
  ['in JSON within JSON', JSON.stringify(JSON.stringify({ key: token }))],
  ['escaped for a URL', `https://host/?key=${encodeURIComponent(token)}`],
  ['as text lines escape it', escapeUnsafe(token)],
  ['quoted in a text line', escapeUnsafe(JSON.stringify(token))],
])('finds a secret %s', (_, text) => {
  const redactor = new Redactor();
  redactor.add(token);
  const line = redactor.redact(`before ${text} after ${text}\n`);
  expect(line).toMatch(/^before .*\[REDACTED\].* after .*\[REDACTED\].*\n$/);
  expect(line).not.toMatch(/cret|all|rest/);
});

it('takes out the longer of two secrets that overlap', () => {
  const redactor = new Redactor();
  redactor.add('abcd');
  redactor.add('abcdefgh');
  expect(redactor.redact('abcdefgh abcd')).toBe('[REDACTED] [REDACTED]');
});

it('keeps lines readable when a secret is too short to be one', () => {
  const redactor = new Redactor();
  redactor.add('');
  redactor.add('abc');
  expect(redactor.redact('abc')).toBe('abc');
});

it('treats a secret as text, not as a pattern', () => {
  const redactor = new Redactor();
  redactor.add('a.*b$&');
  expect(redactor.redact('axxb a.*b$&')).toBe('axxb [REDACTED]');
});
