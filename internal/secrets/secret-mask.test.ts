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

it('removes the longer of two overlapping secrets', () => {
  const mask = new SecretMask(['abcd']);
  mask.add('abcdefgh');
  expect(mask.mask('abcdefgh abcd')).toBe('[REDACTED] [REDACTED]');
});

it('keeps lines readable by ignoring secrets that are too short', () => {
  const mask = new SecretMask(['', 'abc']);
  expect(mask.mask('abc')).toBe('abc');
});

it('treats a secret as text, not as a pattern', () => {
  const mask = new SecretMask(['a.*b$&']);
  expect(mask.mask('axxb a.*b$&')).toBe('axxb [REDACTED]');
});

it('leaves bytes in place, including those that are not text', () => {
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

it('masks a secret until it was removed as often as it was added', () => {
  const mask = new SecretMask(['sesame']);
  mask.add('sesame');
  mask.remove('sesame');
  expect(mask.mask('sesame')).toBe('[REDACTED]');
  mask.remove('sesame');
  mask.remove('sesame');
  expect(mask.mask('sesame')).toBe('sesame');
});

it('removes all of two secrets if one begins within the other', () => {
  const mask = new SecretMask(['abcdef', 'defghi', 'xyzxyz']);
  expect(mask.mask('-abcdefghi-xyzxyzxyz-')).toBe('-[REDACTED]-[REDACTED]-');
  expect(mask.maskBytes(Buffer.from('-abcdefghi-')).toString()).toBe('-*********-');
});

it('masks the common form of two secrets until both are removed', () => {
  const base64 = Buffer.from('sesame').toString('base64');
  const mask = new SecretMask(['sesame', base64]);
  mask.remove('sesame');
  expect(mask.mask(`sesame ${base64}`)).toBe('sesame [REDACTED]');
  mask.remove(base64);
  expect(mask.mask(base64)).toBe(base64);
});

it('finds a secret at the very end, but not if its end is missing', () => {
  const mask = new SecretMask(['sesame']);
  expect(mask.mask('open sesame')).toBe('open [REDACTED]');
  expect(mask.mask('open sesam')).toBe('open sesam');
  expect(mask.mask('ses')).toBe('ses');
});
