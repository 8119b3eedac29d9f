import { expect, test } from 'vitest';
import { Failure } from '../internal/failure.ts';
import { initKinds, writeFailure } from './init-failure.ts';

/** Like an error of node:fs: its errno is negative. */
function fsError(code: string, errno: number): Error {
  return Object.assign(new Error(`${code}: something, copyfile`), { code, errno: -errno });
}

test.each([
  [
    'Unknown system error -122',
    122,
    /^cannot copy a to b: disk quota exceeded \(EDQUOT\); look at the quota/,
  ],
  ['EIO', 5, /^cannot copy a to b: i\/o error \(EIO\); look at the health of the disk/],
  [
    'EPERM',
    1,
    /^cannot copy a to b: operation not permitted \(EPERM\); the init container's user may not change/,
  ],
  [
    'Unknown system error -116',
    116,
    /^cannot copy a to b: stale file handle \(ESTALE\); the volume's server/,
  ],
  ['EMFILE', 24, /^cannot copy a to b: too many open files \(EMFILE\)$/],
])('says in words what %s means and what to look at', (code, errno, message) => {
  const error = fsError(code, errno);
  expect(writeFailure('cannot copy a to b', error)).toMatchObject({
    code: 'init',
    message: expect.stringMatching(message),
    cause: error,
  });
});

test('leaves a failure as it is', () => {
  const failure = new Failure(initKinds.init, 'interrupted');
  expect(writeFailure('cannot copy a to b', failure)).toBe(failure);
});
