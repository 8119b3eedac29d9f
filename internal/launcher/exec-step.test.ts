import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { execRequest, runExecStep } from '../dev/testing/exec-step.ts';
import { isRoot } from '../dev/testing/is-root.ts';
import { readProc, stateOf } from '../dev/testing/proc.ts';
import { waitFor } from '../dev/testing/wait-for.ts';
import { Environment } from '../environment.ts';
import { encodeExecRequest, execSteps, requestAt } from './exec-request.ts';

const { errno } = constants;

/** The lines of /proc/self/status of a program that was started with these options. */
async function statusOf(options: Parameters<typeof execRequest>[1]): Promise<Map<string, string>> {
  const { stdout } = await runExecStep(
    execRequest('/bin/cat', { argv: ['cat', '/proc/self/status'], ...options }),
  );
  return statusOfText(stdout);
}

function statusOfText(text: string): Map<string, string> {
  return new Map(
    text.split('\n').map((line) => [line.split(':')[0] ?? '', line.split('\t').slice(1).join(' ')]),
  );
}

function fileOf(name: string, options: Parameters<typeof execRequest>[1] = {}) {
  return runExecStep(execRequest('/bin/cat', { argv: ['cat', `/proc/self/${name}`], ...options }));
}

test('hands over the environment byte for byte', async () => {
  const entries = [
    Buffer.from('TWICE=1'),
    Buffer.from('TWICE=2'),
    Buffer.from([0x58, 0x3d, 0xff, 0xfe, 0x80]),
    Buffer.from('EMPTY='),
    Buffer.from('NO_EQUALS_SIGN'),
    Buffer.from('=starts with one'),
    Buffer.from(`LONG=${'x'.repeat(100_000)}`),
    Buffer.from('LD_LIBRARY_PATH=/nowhere'),
    Buffer.from('A=after Z'),
  ];
  const { stdout } = await fileOf('environ', { environment: new Environment(entries) });
  expect(Buffer.from(stdout, 'latin1')).toEqual(
    Buffer.concat(entries.flatMap((entry) => [entry, Buffer.alloc(1)])),
  );
});

test('hands over the arguments, including the first one', async () => {
  const { stdout } = await fileOf('cmdline', { argv: ['called so', '/proc/self/cmdline', '', '-', 'ä'] });
  expect(Buffer.from(stdout, 'latin1').toString()).toBe('called so\0/proc/self/cmdline\0\0-\0ä\0');
});

test('starts with default dispositions and an empty mask', async () => {
  const status = await statusOf({});
  expect([status.get('SigBlk'), status.get('SigIgn'), status.get('SigCgt')]).toEqual(
    Array(3).fill('0'.repeat(16)),
  );
});

test('keeps ignored signals ignored', async () => {
  const status = await statusOf({ ignoredSignals: 0x8000_0000_0000_1001n });
  expect(status.get('SigIgn')).toBe('8000000000001001');
});

test('leaks no descriptor', async () => {
  const { stdout } = await runExecStep(execRequest('/bin/ls', { argv: ['ls', '/proc/self/fd'] }));
  expect(stdout).toBe('0\n1\n2\n3\n');
});

test('changes only what the request says', async () => {
  const status = await statusOf({});
  const own = statusOfText(readProc(process.pid, 'status'));
  for (const field of ['Uid', 'Gid', 'Groups']) expect(status.get(field)).toBe(own.get(field));
  for (const file of ['limits', 'oom_score_adj']) {
    expect((await fileOf(file)).stdout).toBe(readProc(process.pid, file));
  }
});

test('restores the limit of open files', async () => {
  const { stdout } = await fileOf('limits', { openFiles: { soft: 64n, hard: 128n } });
  expect(stdout).toMatch(/^Max open files +64 +128 /m);
});

/** capabilities(7): CAP_SYS_RESOURCE. */
const mayLowerScores =
  (BigInt(`0x${statusOfText(readProc(process.pid, 'status')).get('CapEff')}`) >> 24n) & 1n;

test.each(mayLowerScores ? [321, 1000, 0, -1000] : [321, 1000, 0])(
  'sets the score of the OOM killer to %d',
  async (oomScoreAdj) => {
    const own = '/proc/self/oom_score_adj';
    const before = readFileSync(own, 'latin1');
    writeFileSync(own, '100');
    try {
      expect((await fileOf('oom_score_adj', { oomScoreAdj })).stdout).toBe(`${oomScoreAdj}\n`);
    } finally {
      writeFileSync(own, before);
    }
  },
);

test.runIf(isRoot)('switches the user, the group and all supplementary groups', async () => {
  const status = await statusOf({ user: { uid: 1234, gid: 2345, groups: [5, 7] } });
  expect(status.get('Uid')).toBe('1234 1234 1234 1234');
  expect(status.get('Gid')).toBe('2345 2345 2345 2345');
  expect(status.get('Groups')?.trim()).toBe('5 7');
  expect(status.get('CapEff')).toBe('0'.repeat(16));
});

test.runIf(isRoot)('switches to the highest possible ids', async () => {
  const [uid, gid, group] = [4_294_967_294, 4_294_967_293, 4_294_967_292];
  const status = await statusOf({ user: { uid, gid, groups: [7, group] } });
  expect(status.get('Uid')).toBe(Array(4).fill(uid).join(' '));
  expect(status.get('Gid')).toBe(Array(4).fill(gid).join(' '));
  expect(status.get('Groups')?.trim()).toBe(`7 ${group}`);
});

test.runIf(isRoot).each([1234, 0])(
  'drops the supplementary groups if user %d is to have none',
  async (uid) => {
    const status = await statusOf({ user: { uid, gid: 1234, groups: [] } });
    expect([status.get('Gid'), status.get('Groups')?.trim()]).toEqual(['1234 1234 1234 1234', '']);
  },
);

test.each(isRoot ? [undefined, { uid: 1234, gid: 1234, groups: [] }] : [undefined])(
  'dies when its parent is killed, as user %o',
  async (user) => {
    const parent = spawn(
      process.execPath,
      [join(import.meta.dirname, 'fixtures', 'parent.ts'), JSON.stringify(user ?? null)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const line = await new Promise<string>((resolve) => createInterface(parent.stdout).once('line', resolve));
    const pid = Number(line);
    expect(readProc(pid, 'comm')).toBe('sleep\n');
    parent.kill('SIGKILL');
    // This does not depend on whether the adopting process takes its status.
    await waitFor('the child dies', () => ['', 'Z'].includes(stateOf(pid)));
  },
);

test('ends silently if it already has another parent', async () => {
  const { stdout, exitCode, failure } = await fileOf('status', { parentPid: 1 });
  expect({ stdout, exitCode, failure }).toEqual({ stdout: '', exitCode: 127, failure: undefined });
});

test.each([
  ['/no/such/program', errno.ENOENT],
  ['/etc/passwd/program', errno.ENOTDIR],
  ['/etc/passwd', errno.EACCES],
  ['/', errno.EACCES],
  [join(import.meta.dirname, 'fixtures', 'no-program'), errno.ENOEXEC],
])('reports why %s cannot be executed', async (path, expected) => {
  const { exitCode, failure } = await runExecStep(execRequest(path));
  expect({ exitCode, failure }).toEqual({
    exitCode: 127,
    failure: { step: execSteps.execve, errno: expected },
  });
});

test('reports arguments that the kernel finds too long', async () => {
  const { failure } = await runExecStep(execRequest('/bin/cat', { argv: ['cat', 'x'.repeat(200_000)] }));
  expect(failure).toEqual({ step: execSteps.execve, errno: errno.E2BIG });
});

test.runIf(isRoot)('reports a user that the kernel refuses', async () => {
  const user = { uid: 0xffff_ffff, gid: 1, groups: [] };
  const { failure } = await runExecStep(execRequest('/bin/cat', { user }));
  // For setresuid(2), -1 means "do not change", and the launcher must not continue as root.
  expect(failure).toEqual({ step: execSteps.setuid, errno: errno.EINVAL });
});

const valid = encodeExecRequest(
  execRequest('/bin/cat', { environment: new Environment([Buffer.from('A=1')]) }),
);

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(valid);
  change(bytes);
  return bytes;
}

test.each([
  ['empty', Buffer.alloc(0)],
  ['shorter than its head', valid.subarray(0, requestAt.groups - 1)],
  ['shorter than it says', valid.subarray(0, valid.length - 1)],
  ['of another kind', changed((bytes) => bytes.writeUInt32LE(1, requestAt.magic))],
  ['without arguments', changed((bytes) => bytes.writeUInt32LE(0, requestAt.argc))],
  ['with more arguments than strings', changed((bytes) => bytes.writeUInt32LE(3, requestAt.argc))],
  ['with fewer variables than strings', changed((bytes) => bytes.writeUInt32LE(0, requestAt.envc))],
  ['with more groups than bytes', changed((bytes) => bytes.writeUInt32LE(0x4000_0001, requestAt.groupCount))],
  ['with an unended string', changed((bytes) => bytes.write('x', valid.length - 1))],
  ['with absurd counts', changed((bytes) => bytes.writeUInt32LE(0xffff_ffff, requestAt.argc))],
])('refuses a request that is %s', async (_title, bytes) => {
  const { exitCode, failure } = await runExecStep(bytes);
  expect({ exitCode, failure }).toEqual({
    exitCode: 127,
    failure: { step: execSteps.request, errno: errno.EINVAL },
  });
});
