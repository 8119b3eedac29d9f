import { expect, test } from 'vitest';
import { describeStartFailure } from './start-failure.windows.ts';

const path = 'C:\\agent\\circleci-agent.exe';

function failure(code: string): Error {
  return Object.assign(new Error(`spawn ${code}`), { code });
}

test.each([
  ['ENOENT', 'does not exist'],
  ['EACCES', 'not permitted'],
  ['EPERM', 'not permitted'],
  ['EFTYPE', 'not a program for this machine'],
  ['UNKNOWN', 'not a program for this machine'],
  ['ENAMETOOLONG', 'too long'],
  ['E2BIG', 'too long'],
  ['EMFILE', 'too many open handles'],
  ['ENOMEM', 'no memory left'],
])('explains %s: %s', (code, words) => {
  const text = describeStartFailure(path, failure(code));
  expect(text).toMatch(
    new RegExp(`^C:\\\\agent\\\\circleci-agent\\.exe cannot be started: .*${words}.* \\(${code}\\)\\.$`),
  );
});

test.each(['x.cmd', 'X.BAT'])('says how to start the batch file %s', (file) => {
  expect(describeStartFailure(file, failure('EINVAL'))).toBe(
    `${file} is a batch file, which is not a program: name cmd.exe /d /s /c as its command (EINVAL).`,
  );
});

test('repeats the message of an unknown error', () => {
  expect(describeStartFailure(path, failure('EINVAL'))).toContain('cannot be started: spawn EINVAL.');
  expect(describeStartFailure(path, 'odd')).toContain('cannot be started: odd.');
});
