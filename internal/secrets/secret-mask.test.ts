import { expect, it } from 'vitest';
import { escapeUnsafe } from '../output/safe-text.ts';
import { SecretMask } from './secret-mask.ts';

const token = 'se"cret\\with/all + the\nrest\u009b';

it.each<[string, string]>([
  ['as it is', token],
  ['escaped as JSON', JSON.stringify(token)],
  ['in JSON within JSON', JSON.stringify(JSON.stringify({ key: token }))],
  ['in base64', Buffer.from(token).toString('base64')],
  ['escaped for a URL', `https://host/?key=${encodeURIComponent(token)}`],
  ['as text lines escape it', escapeUnsafe(token)],
  ['quoted in a text line', escapeUnsafe(JSON.stringify(token))],
])('finds a secret %s', (_, text) => {
  const mask = new SecretMask([token]);
  const line = mask.mask(`before ${text} after ${text}\n`);
  expect(line).toMatch(/^before .*\[REDACTED\].* after .*\[REDACTED\].*\n$/);
  expect(line).not.toMatch(/cret|all|rest/);
});

it('takes out the longer of two secrets that overlap', () => {
  const mask = new SecretMask(['abcd']);
  mask.add('abcdefgh');
  expect(mask.mask('abcdefgh abcd')).toBe('[REDACTED] [REDACTED]');
});

it('keeps lines readable when a secret is too short to be one', () => {
  const mask = new SecretMask(['', 'abc']);
  expect(mask.mask('abc')).toBe('abc');
});

it('treats a secret as text, not as a pattern', () => {
  const mask = new SecretMask(['a.*b$&']);
  expect(mask.mask('axxb a.*b$&')).toBe('axxb [REDACTED]');
});

it('leaves bytes where they are, those that are no text included', () => {
  const mask = new SecretMask(['grüße', token]);
  const bytes = Buffer.from(`\0grüße ${JSON.stringify(token)}`);
  bytes[0] = 0xff;
  const masked = mask.maskBytes(bytes);
  expect(masked.toString('latin1')).toBe(
    `\xff******* "${'*'.repeat(Buffer.byteLength(JSON.stringify(token)) - 2)}"`,
  );
});

it('knows how many bytes to keep for the longest text that it masks', () => {
  expect(new SecretMask().longestBytes).toBe(0);
  expect(new SecretMask(['sesame', 'grüße']).longestBytes).toBe(encodeURIComponent('grüße').length);
});

it('masks a secret until everybody who has it has taken it back', () => {
  const mask = new SecretMask(['sesame']);
  mask.add('sesame');
  mask.remove('sesame');
  expect(mask.mask('sesame')).toBe('[REDACTED]');
  mask.remove('sesame');
  mask.remove('sesame');
  expect(mask.mask('sesame')).toBe('sesame');
});
