import { beforeEach, expect, test } from 'vitest';
import { RecordedKernel32 } from './fixtures/recording-kernel32.ts';
import { Job } from './job.ts';
import { endThisProcess } from './kernel32.ts';

let kernel32: RecordedKernel32;

beforeEach(() => {
  kernel32 = new RecordedKernel32();
});

test('puts this process into a job that ends all its processes with the last handle, and lets none leave', () => {
  new Job(kernel32);
  expect(kernel32.calls).toEqual([
    'CreateJobObjectW 0 0',
    // JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, without JOB_OBJECT_LIMIT_BREAKAWAY_OK and its silent variant
    'SetInformationJobObject 9 flags=0x2000 processes=0 bytes=144',
    'AssignProcessToJobObject true true',
  ]);
});

test.each(['CreateJobObjectW', 'SetInformationJobObject', 'AssignProcessToJobObject'])(
  'says so when Windows refuses %s',
  (call) => {
    kernel32.failing.add(call);
    const name = call.replace(/W$/, '');
    expect(() => new Job(kernel32)).toThrow(`${name} failed with Windows error 5`);
  },
);

test('lists all processes of the job except itself', () => {
  const job = new Job(kernel32);
  expect(job.others()).toEqual([]);
  for (const pid of [4, 70_000, 4_000_000_000]) kernel32.members.add(pid);
  expect(job.others()).toEqual([4, 70_000, 4_000_000_000]);
});

test('asks again with more room if there are more processes than expected', () => {
  const job = new Job(kernel32);
  const pids = Array.from({ length: 1000 }, (_, index) => 10_000_000 + 4 * index);
  for (const pid of pids) kernel32.members.add(pid);
  expect(job.others()).toEqual(pids);
});

test('says so when Windows does not list the processes of the job', () => {
  const job = new Job(kernel32);
  kernel32.failing.add('QueryInformationJobObject');
  expect(() => job.others()).toThrow('QueryInformationJobObject failed with Windows error 5');
});

test('refuses new processes, and still ends all of them with its last handle', () => {
  new Job(kernel32).refuseProcesses();
  expect(kernel32.calls.at(-1)).toBe('SetInformationJobObject 9 flags=0x2008 processes=1 bytes=144');
});

test('ends a process of the job, and closes its handle', () => {
  kernel32.members.add(70);
  new Job(kernel32).kill(70);
  expect(kernel32.calls.slice(-4)).toEqual([
    'OpenProcess 0x401 0 70',
    'IsProcessInJob 70',
    'TerminateProcess 70 1',
    'CloseHandle 70',
  ]);
});

test('leaves a process alone that has got the pid of an ended one', () => {
  new Job(kernel32).kill(70);
  expect(kernel32.calls.filter((call) => call.startsWith('TerminateProcess'))).toEqual([]);
  expect(kernel32.calls.at(-1)).toBe('CloseHandle 70');
});

test('continues if a process may not be opened', () => {
  kernel32.untouchable.add(70);
  new Job(kernel32).kill(70);
  expect(kernel32.calls.at(-1)).toBe('OpenProcess 0x401 0 70');
});

test.each([0, 1, 80])('ends this process at once with status %d', (status) => {
  expect(() => endThisProcess(status, kernel32)).toThrow('unreachable');
  expect(kernel32.calls).toEqual([`TerminateProcess self ${status}`]);
});
