import { expect, test } from 'vitest';
import { describeEnd, endFields } from './child-end.ts';

test.each([
  [{ exitCode: 0 }, 'exit status 0', { exit_status: 0 }],
  [{ exitCode: 255 }, 'exit status 255', { exit_status: 255 }],
  [{ signal: 9, coreDumped: false }, 'killed by SIGKILL', { signal: 'SIGKILL' }],
  [{ signal: 11, coreDumped: true }, 'killed by SIGSEGV (core dumped)', { signal: 'SIGSEGV' }],
  [{ signal: 40, coreDumped: false }, 'killed by SIGRTMIN+6', { signal: 'SIGRTMIN+6' }],
])('%j reads: %s', (end, text, fields) => {
  expect(describeEnd(end)).toBe(text);
  expect(endFields(end)).toEqual(fields);
});
