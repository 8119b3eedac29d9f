import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { Environment } from '../../internal/environment.ts';
import { execSteps } from '../../internal/launcher/exec-request.ts';
import { SystemError } from '../../internal/syscall/system-error.ts';
import { describeExec, describeStartFailure } from './start-failure.linux.ts';

// processes.linux.test.ts starts real programs. These failures cannot be provoked.
const { errno } = constants;
const spec = {
  argv: ['/x'],
  environment: Environment.fromObject({}),
  user: { uid: 1000, gid: 1001, groups: [], home: '/' },
};

describe('no process', () => {
  test.each([
    [
      errno.EAGAIN,
      'EAGAIN',
      'the limit of processes is reached (pids limit of the container, or RLIMIT_NPROC)',
    ],
    [errno.ENOMEM, 'ENOMEM', 'there is no memory left for another process'],
    [errno.EMFILE, 'EMFILE', 'the limit of open files is reached'],
    [errno.EPERM, 'EPERM', 'look at the seccomp profile of the container'],
    [errno.EACCES, 'EACCES', 'look at the seccomp profile of the container'],
  ])('for errno %d says what is short: %s', (number, code, hint) => {
    const message = describeStartFailure('/x', spec, new SystemError('posix_spawn', number));
    expect(message).toMatch(/^Cannot create a process for \/x: posix_spawn: /);
    expect(message).toContain(`(${code}); ${hint}.`);
  });

  test('for any other reason says that', () => {
    expect(describeStartFailure('/x', spec, new Error('out of luck'))).toBe(
      'Cannot create a process for /x: out of luck.',
    );
    expect(describeStartFailure('/x', spec, 'text')).toBe('Cannot create a process for /x: text.');
  });
});

describe('a step before exec', () => {
  const user = 'the container may not change users (CAP_SETUID, CAP_SETGID)';
  const seccomp = 'look at the seccomp profile of the container';

  test.each([
    [execSteps.setgroups, 'set the supplementary groups', user],
    [execSteps.setgid, 'switch to group 1001', user],
    [execSteps.setuid, 'switch to user 1000', user],
    [execSteps.request, 'prepare the process (step 1)', seccomp],
    [execSteps.signals, 'prepare the process (step 8)', seccomp],
  ])('%d that is not permitted is named, with what it needs', (step, what, hint) => {
    expect(describeStartFailure('/x', spec, { step, errno: errno.EPERM })).toBe(
      `/x was not started: could not ${what}: operation not permitted (EPERM); ${hint}.`,
    );
  });

  test('that this kernel seems to lack is forbidden by a seccomp profile', () => {
    expect(describeStartFailure('/x', spec, { step: execSteps.setuid, errno: errno.ENOSYS })).toContain(
      seccomp,
    );
  });

  test('that fails for another reason has no such hint', () => {
    expect(describeStartFailure('/x', spec, { step: execSteps.setuid, errno: errno.EAGAIN })).toMatch(
      /^\/x was not started: could not switch to user 1000: .*\(EAGAIN\)\.$/,
    );
  });
});

describe('exec', () => {
  let file: string;

  beforeEach(() => {
    file = join(scratchFolder(), 'program');
    writeFileSync(file, '');
  });

  test.each([
    [errno.ETXTBSY, 'ETXTBSY'],
    [errno.EIO, 'EIO'],
    [errno.EINVAL, 'EINVAL'],
    [80, 'ELIBBAD'],
    [200, 'errno 200'],
  ])('that fails with %d names the path and the error: %s', (number, code) => {
    expect(describeExec(file, number)).toMatch(
      new RegExp(`^${file} cannot be executed: .*\\(${code}\\)\\.$`),
    );
  });

  test.each([
    ['#!/bin/bash -e\n', 'names, /bin/bash, is not'],
    ['#! /usr/bin/env python3\n', 'names, /usr/bin/env, is not'],
    ['#!/bin/sh\r\necho\r\n', 'names, /bin/sh with a carriage return (the file has CR LF line ends), is not'],
    ['\x7fELF\0\0/lib64/ld-linux-x86-64.so.2\0', 'names, /lib64/ld-linux-x86-64.so.2, is not'],
    ['\x7fELF\0\0', 'names is not'],
  ])('names the interpreter that is missing: %j', (content, words) => {
    writeFileSync(file, content, 'latin1');
    expect(describeExec(file, errno.ENOENT)).toContain(words);
  });

  test('is told apart from a missing program by the existence of the file', () => {
    expect(describeExec(file, errno.ENOENT)).toContain('the interpreter or loader that it names');
    expect(describeExec(`${file}-missing`, errno.ENOENT)).toContain('does not exist');
  });

  test('survives a path that cannot be inspected', () => {
    expect(describeExec(`${file}/below`, errno.ENOENT)).toContain('(ENOENT)');
    expect(describeExec(`${file}/below`, errno.EACCES)).toContain('(EACCES)');
  });
});
