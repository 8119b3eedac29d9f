import { expect, test } from 'vitest';
import { describeEnd } from './child-end.ts';

test.each([
  [{ exitCode: 0 }, 'exit status 0'],
  [{ exitCode: 255 }, 'exit status 255'],
  [{ signal: 9, coreDumped: false }, 'killed by SIGKILL'],
  [{ signal: 11, coreDumped: true }, 'killed by SIGSEGV (core dumped)'],
  [{ signal: 40, coreDumped: false }, 'killed by SIGRTMIN+6'],
])('%j reads: %s', (end, text) => {
  expect(describeEnd(end)).toBe(text);
});
