import { getRawPointer } from 'node:ffi';
import { closeSync, existsSync, readdirSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../dev/testing/scratch-folder.ts';
import { waitFor } from '../../dev/testing/wait-for.ts';
import { kill, spawnProgram } from './children.ts';
import { createPipe, feed } from './descriptors.ts';

// The functions that start and reap children are tested in task/processes, in their own processes.

const closeOnExec = 0o2000000;
const nonBlocking = 0o4000;

function flagsOf(fd: number): number {
  const [, octal = ''] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? [];
  return Number.parseInt(octal, 8);
}

function runFixture(name: string) {
  const fixture = join(import.meta.dirname, 'fixtures', `${name}.ts`);
  return execa(process.execPath, ['--disable-warning=ExperimentalWarning', fixture], {
    reject: false,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
}

describe('descriptors', () => {
  test('of a pipe carry bytes, block, are closed by exec, and have higher numbers than those of a child', () => {
    const [readEnd, writeEnd] = createPipe();
    writeSync(writeEnd, 'through');
    const bytes = Buffer.alloc(10);
    expect(bytes.toString('latin1', 0, readSync(readEnd, bytes))).toBe('through');
    for (const fd of [readEnd, writeEnd]) {
      expect(fd).toBeGreaterThanOrEqual(10);
      expect(flagsOf(fd) & (closeOnExec | nonBlocking)).toBe(closeOnExec);
      closeSync(fd);
    }
  });

  test.each([0, 1, 60_000, 300_000, 5_000_000])('to a child carry %d bytes, and then end', async (size) => {
    const content = Buffer.alloc(size, 'content');
    const { readEnd, finish } = feed(content);
    expect(readEnd).toBeGreaterThanOrEqual(10);
    expect(flagsOf(readEnd) & closeOnExec).toBe(closeOnExec);
    const copy = join(scratchFolder(), 'copy');
    spawnProgram(
      '/bin/sh',
      ['sh', '-c', `PATH=/usr/bin:/bin; cat >'${copy}.part' && mv '${copy}.part' '${copy}'`],
      [readEnd, 1, 2],
    );
    finish();
    await waitFor('the copy', () => existsSync(copy));
    expect(readFileSync(copy).equals(content)).toBe(true);
  });

  test('to a child that has ended are given up', () => {
    feed(Buffer.alloc(5_000_000)).finish();
  });

  test('do not stay open', () => {
    const count = () => readdirSync('/proc/self/fd').length;
    const before = count();
    for (let round = 0; round < 20; round++) {
      for (const fd of createPipe()) closeSync(fd);
      feed(Buffer.from('x')).finish();
      feed(Buffer.alloc(2 ** 21)).finish();
    }
    expect(count()).toBe(before);
  });
});

test('memory keeps the address that was passed to C', () => {
  const collect = collectGarbage();
  const small = Array.from({ length: 100 }, () => Buffer.alloc(4));
  const addresses = small.map((buffer) => getRawPointer(buffer));
  collect();
  expect(small.map((buffer) => getRawPointer(buffer))).toEqual(addresses);
});

/** @returns a function that makes V8 move everything that it may move */
function collectGarbage(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  return () => [1, 2, 3].forEach(() => void gc());
}

describe('kill', () => {
  test('says whether the process or group exists', () => {
    expect(kill(process.pid, 0)).toBe('sent');
    expect(kill(2 ** 22 + 1, 0)).toBe('no-target');
    expect(kill(-(2 ** 22 + 1), 0)).toBe('no-target');
  });
});

test.each([
  ['/no/such/program', 'ENOENT'],
  ['/', 'EACCES'],
])('a program that cannot be executed is an error: %s', (program, code) => {
  expect(() => spawnProgram(program, ['x'], [0, 1, 2])).toThrow(
    expect.objectContaining({ name: 'SystemError', syscall: 'posix_spawn', code }),
  );
});

test('an invalid descriptor is an error', () => {
  expect(() => spawnProgram('/bin/true', ['true'], [0, 1, 987_654])).toThrow(
    expect.objectContaining({ code: 'EBADF' }),
  );
});

test('a process has as much of its name as fits', async () => {
  expect((await runFixture('name')).stdout).toBe('a-name-that-is-');
});

test('the exit does not wait for a write that hangs', async () => {
  const { exitCode, timedOut } = await runFixture('exit-while-writing');
  expect({ exitCode, timedOut }).toEqual({ exitCode: 3, timedOut: false });
});
