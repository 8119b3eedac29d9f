import { expect, test } from 'vitest';
import { judgeAudit } from './judge-audit.ts';

test('is clean if the list of vulnerabilities is empty', () => {
  const report = JSON.stringify({ vulnerabilities: {}, metadata: { dependencies: { total: 42 } } });
  expect(judgeAudit(report)).toEqual({ outcome: 'clean', text: 'no known vulnerabilities in 42 packages' });
});

test('names the vulnerable packages', () => {
  const report = JSON.stringify({ vulnerabilities: { undici: { severity: 'high', range: '<8.0.1' } } });
  expect(judgeAudit(report)).toEqual({ outcome: 'vulnerable', text: 'high: undici <8.0.1' });
});

test.each([
  [
    'the database refuses to answer',
    '{"message":"405 Method Not Allowed"}',
    /^NOT CHECKED: .*405 Method Not Allowed/,
  ],
  ['npm prints nothing', '', /^NOT CHECKED: /],
  ['npm prints something else', 'npm error', /^NOT CHECKED: /],
])('is never clean when %s', (_, report, text) => {
  expect(judgeAudit(report)).toEqual({ outcome: 'unknown', text: expect.stringMatching(text) });
});
