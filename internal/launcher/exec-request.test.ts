import { describe, expect, test } from 'vitest';
import { Environment } from '../environment.ts';
import { type ExecRequest, encodeExecRequest } from './exec-request.ts';

const minimal: ExecRequest = {
  path: '/bin/x',
  argv: ['x'],
  environment: Environment.fromObject({}),
  parentPid: 1,
  ignoredSignals: 0n,
};

function decode(bytes: Buffer) {
  const groupCount = bytes.readUInt32LE(20);
  const stringsAt = 64 + 4 * groupCount;
  return {
    magic: bytes.toString('latin1', 0, 4),
    size: bytes.readUInt32LE(4),
    flags: bytes.readUInt32LE(8),
    uid: bytes.readUInt32LE(12),
    gid: bytes.readUInt32LE(16),
    oomScoreAdj: bytes.readInt32LE(24),
    parentPid: bytes.readUInt32LE(28),
    ignoredSignals: bytes.readBigUInt64LE(32),
    nofile: [bytes.readBigUInt64LE(40), bytes.readBigUInt64LE(48)],
    argc: bytes.readUInt32LE(56),
    envc: bytes.readUInt32LE(60),
    groups: Array.from({ length: groupCount }, (_, index) => bytes.readUInt32LE(64 + 4 * index)),
    strings: bytes.toString('latin1', stringsAt).split('\0'),
  };
}

test('the least request switches nothing and leaves limits alone', () => {
  expect(decode(encodeExecRequest(minimal))).toEqual({
    magic: 'GXR1',
    size: 64 + '/bin/x\0x\0'.length,
    flags: 0,
    uid: 0,
    gid: 0,
    oomScoreAdj: 0,
    parentPid: 1,
    ignoredSignals: 0n,
    nofile: [2n ** 64n - 1n, 0n],
    argc: 1,
    envc: 0,
    groups: [],
    strings: ['/bin/x', 'x', ''],
  });
});

test('every field is in its place', () => {
  const request: ExecRequest = {
    path: '/opt/ä',
    argv: ['ä', '', '-x y'],
    environment: new Environment([Buffer.from('A=\xff', 'latin1'), Buffer.from('B=')]),
    parentPid: 4194304,
    ignoredSignals: (1n << 63n) | 1n,
    openFiles: { soft: 1024n, hard: 2n ** 64n - 1n },
    user: { uid: 4294967294, gid: 4294967293, groups: [7, 4294967292] },
    oomScoreAdj: -1000,
  };
  const bytes = encodeExecRequest(request);
  expect(decode(bytes)).toEqual({
    magic: 'GXR1',
    size: bytes.length,
    flags: 3,
    uid: 4294967294,
    gid: 4294967293,
    oomScoreAdj: -1000,
    parentPid: 4194304,
    ignoredSignals: (1n << 63n) | 1n,
    nofile: [1024n, 2n ** 64n - 1n],
    argc: 3,
    envc: 2,
    groups: [7, 4294967292],
    strings: ['/opt/\xc3\xa4', '\xc3\xa4', '', '-x y', 'A=\xff', 'B=', ''],
  });
});

describe('flags', () => {
  test('a user of id 0 without groups is a switch, too', () => {
    const bytes = encodeExecRequest({ ...minimal, user: { uid: 0, gid: 0, groups: [] } });
    expect(decode(bytes)).toMatchObject({ flags: 1, groups: [] });
  });

  test('an oom_score_adj of 0 is set, too', () => {
    expect(decode(encodeExecRequest({ ...minimal, oomScoreAdj: 0 })).flags).toBe(2);
  });
});
