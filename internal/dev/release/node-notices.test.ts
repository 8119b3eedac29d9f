import { expect, test } from 'vitest';
import { omitUnpackedNotices, readNodeNotices } from './node-notices.ts';

const heading = (name: string) =>
  `- ${name}, located at deps/x, is licensed as follows:\n  """\n    text\n  """\n`;

test('lists the parts of the executable, and not the tools beside it', () => {
  expect(readNodeNotices(`${heading('OpenSSL')}${heading('npm')}${heading('Acorn')}`)).toEqual([
    { name: 'OpenSSL', license: 'Apache-2.0' },
    { name: 'Acorn', license: 'MIT' },
  ]);
});

test('fails for an unknown part', () => {
  expect(() => readNodeNotices(heading('novelty'))).toThrow(/new part, novelty/);
});

test('fails if it recognizes no part', () => {
  expect(() => readNodeNotices('Copyright')).toThrow(/its form has changed/);
});

test('only leaves out the notices of parts that are not in the executable', () => {
  const [before, openssl, npm, acorn] = [
    'Node.js is licensed\n',
    ...['OpenSSL', 'npm', 'Acorn'].map(heading),
  ];
  expect(omitUnpackedNotices(`${before}${openssl}${npm}${acorn}`)).toBe(`${before}${openssl}${acorn}`);
});
