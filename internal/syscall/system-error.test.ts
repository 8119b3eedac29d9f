import { expect, test } from 'vitest';
import { describeErrno, errnoName, SystemError } from './system-error.ts';

test.each([
  [1, 'EPERM', 'operation not permitted (EPERM)'],
  [2, 'ENOENT', 'no such file or directory (ENOENT)'],
  [7, 'E2BIG', 'argument list too long (E2BIG)'],
  [8, 'ENOEXEC', 'not a program that can be executed here (ENOEXEC)'],
  [13, 'EACCES', 'permission denied (EACCES)'],
  [35, 'EDEADLK', 'would deadlock (EDEADLK)'],
  [80, 'ELIBBAD', 'a library it needs cannot be used (ELIBBAD)'],
])('%d is %s: %s', (errno, name, text) => {
  expect(errnoName(errno)).toBe(name);
  expect(describeErrno(errno)).toBe(text);
});

test('an unknown errno keeps its number', () => {
  expect(errnoName(200)).toBe('errno 200');
  expect(describeErrno(200)).toBe('unknown error (errno 200)');
});

test('an error says which call failed and why', () => {
  expect(new SystemError('execve', 2)).toMatchObject({
    name: 'SystemError',
    message: 'execve: no such file or directory (ENOENT)',
    code: 'ENOENT',
    errno: 2,
    syscall: 'execve',
  });
});
