import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { Environment } from '../../internal/environment.ts';
import { FdWriter } from '../../internal/output/fd-writer.ts';
import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { RecordedKernel32 } from '../../internal/syscall/windows/fixtures/recording-kernel32.ts';
import type { ChildSpec } from './processes.ts';
import { WindowsProcesses } from './processes.windows.ts';

const { SIGHUP, SIGINT, SIGKILL, SIGTERM } = constants.signals;
const environment = Environment.fromObject({ Path: '/usr/bin:/bin', VARIABLE: 'a=b' });
const limitMs = 60_000;

let kernel32: RecordedKernel32;
let logger: RecordingLogger;
let spawned: { path: string; parameters: readonly string[]; options: object }[];
let passedOn: { stdout: string; stderr: string };
let stalled: boolean;
let processes: WindowsProcesses;

/** Starts a shell's script in place of a Windows program, and adds it to the job as Windows would. */
function fakeSpawn(file: string, parameters: string[], options: object) {
  spawned.push({ path: file, parameters, options });
  if (file.includes('throws')) throw Object.assign(new Error('spawn EINVAL'), { code: 'EINVAL' });
  const program = file.includes('missing') ? '/no/such/program' : '/bin/sh';
  const child = spawn(program, ['-c', ...parameters], options);
  const { pid } = child;
  if (pid !== undefined) {
    kernel32.members.add(pid);
    child.once('exit', () => kernel32.members.delete(pid));
  }
  return child;
}

function recordingWriter(into: 'stdout' | 'stderr'): FdWriter {
  const writer = new FdWriter(-1);
  writer.write = (chunk) => {
    passedOn[into] += Buffer.from(chunk).toString();
    return !stalled;
  };
  writer.whenDrained = () => (stalled ? new Promise(() => undefined) : Promise.resolve());
  return writer;
}

function run(script: string, spec: Partial<ChildSpec> = {}): ChildSpec {
  return { argv: ['C:\\shell.exe', script], environment, ...spec };
}

beforeEach(() => {
  kernel32 = new RecordedKernel32();
  kernel32.onTerminated = (pid) => process.kill(pid, 'SIGKILL');
  logger = new RecordingLogger();
  spawned = [];
  stalled = false;
  passedOn = { stdout: '', stderr: '' };
  processes = new WindowsProcesses(
    {
      stdout: recordingWriter('stdout'),
      stderr: recordingWriter('stderr'),
      logger,
      mask: new SecretMask(['Sesame']),
    },
    { kernel32: () => kernel32, spawn: fakeSpawn as typeof spawn },
  );
  processes.startReaping();
});

afterEach(async () => {
  await processes.shutDown(limitMs);
  for (const event of ['SIGINT', 'SIGBREAK', 'SIGHUP']) process.removeAllListeners(event);
  vi.useRealTimers();
});

test('is in the job itself before it can start a process', () => {
  expect(kernel32.calls.at(-1)).toBe('AssignProcessToJobObject true true');
});

test('passes on a variable called __proto__', async () => {
  const variables = new Environment([Buffer.from('Path=/usr/bin:/bin'), Buffer.from('__proto__=a')]);
  const child = processes.start(run('test "$__proto__" = a', { environment: variables }));
  expect(await child.ended).toEqual({ exitCode: 0 });
});

test('starts a program with its arguments, its environment and a console of its own', async () => {
  const child = processes.start(run('exit 0'));
  await child.started;
  expect(spawned).toEqual([
    {
      path: 'C:\\shell.exe',
      parameters: ['exit 0'],
      options: {
        env: { Path: '/usr/bin:/bin', VARIABLE: 'a=b' },
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
      },
    },
  ]);
  expect(await child.ended).toEqual({ exitCode: 0 });
});

test('writes and closes stdin, passes stdout and stderr on, and keeps stderr', async () => {
  const child = processes.start(
    run('read -r x; cat; echo out; echo "err $x" >&2; exit 7', { stdin: 'a\nb' }),
  );
  expect(await child.ended).toEqual({ exitCode: 7 });
  await child.drain(limitMs);
  expect(passedOn).toEqual({ stdout: 'bout\n', stderr: 'err a\n' });
  expect(child.stderr.toString()).toBe('err a');
});

test('hides a secret in the output that it keeps', async () => {
  const child = processes.start(run('echo Sesame >&2'));
  await child.ended;
  await child.drain(limitMs);
  expect(child.stderr.toString()).toBe('******');
});

test('does not mind a child that never reads its stdin', async () => {
  const child = processes.start(run('exit 0', { stdin: 'x'.repeat(1_000_000) }));
  expect(await child.ended).toEqual({ exitCode: 0 });
});

test.each([SIGTERM, SIGKILL])('ends a child for signal %d', async (signal) => {
  const child = processes.start(run('exec sleep 1000'));
  await child.started;
  child.signal(signal);
  expect(await child.ended).toEqual({ signal, coreDumped: false });
  child.signal(signal);
});

test.each([SIGINT, SIGHUP])('does nothing for signal %d, which Windows cannot pass on', async (signal) => {
  const child = processes.start(run('read -r x; exit 5', { stdin: '' }));
  child.signal(signal);
  expect(await child.ended).toEqual({ exitCode: 5 });
});

test('says why a program cannot be started', async () => {
  const missing = processes.start({ argv: ['C:\\missing.exe'], environment });
  await expect(missing.started).rejects.toThrow(
    'C:\\missing.exe cannot be started: it does not exist (ENOENT).',
  );
  expect(() => processes.start({ argv: ['C:\\throws.cmd'], environment })).toThrow('batch file');
  expect(() => processes.start({ argv: ['no-such-program'], environment })).toThrow(
    '"no-such-program" is not a program in any directory of Path.',
  );
});

test('refuses new processes while it ends all of the job, and starts nothing any more', async () => {
  const children = [processes.start(run('exec sleep 1000')), processes.start(run('exec sleep 1000'))];
  expect(await processes.shutDown(limitMs)).toBe('none');
  expect(await Promise.all(children.map(({ ended }) => ended))).toHaveLength(2);
  const limited = kernel32.calls.indexOf('SetInformationJobObject 9 flags=0x2008 processes=1 bytes=144');
  const killed = kernel32.calls.findIndex((call) => call.startsWith('TerminateProcess'));
  expect(limited).toBeGreaterThan(0);
  expect(killed).toBeGreaterThan(limited);
  expect(() => processes.start(run('exit 0'))).toThrow('shut down');
});

test('ends remaining processes again and again if Windows still allows new ones', async () => {
  let born = 0;
  kernel32.failing.add('SetInformationJobObject');
  kernel32.onTerminated = (pid) => {
    kernel32.members.delete(pid);
    if (born++ < 20) kernel32.members.add(1_000_000 + born);
  };
  kernel32.members.add(1_000_000);
  expect(await processes.shutDown(limitMs)).toBe('none');
  expect(born).toBe(21);
});

test('gives up on processes that cannot be ended, and reports that', async () => {
  kernel32.members.add(1_000_000);
  kernel32.untouchable.add(1_000_000);
  expect(await processes.shutDown(100)).toBe('unkillable');
  kernel32.members.delete(1_000_000);
});

test('has nothing to end if it never started anything', async () => {
  const idle = new WindowsProcesses({
    stdout: new FdWriter(-1),
    stderr: new FdWriter(-1),
    logger,
    mask: new SecretMask(),
  });
  expect(await idle.shutDown(limitMs)).toBe('none');
});

test('passes on the rest in the pipes of ended processes, even if our own reader is slow', async () => {
  stalled = true;
  const goOn = join(scratchFolder(), 'go-on');
  const child = processes.start(run(`printf a; until [ -e ${goOn} ]; do sleep 0.01; done; printf b`));
  await waitFor('the first letter', () => passedOn.stdout === 'a');
  writeFileSync(goOn, '');
  await child.ended;
  await processes.shutDown(limitMs);
  expect(passedOn.stdout).toBe('ab');
});

test.each([
  ['SIGINT', 'Ctrl-C'],
  ['SIGBREAK', 'Ctrl-Break'],
  ['SIGHUP', 'console closed'],
] as const)('treats %s as a request to end, and logs it as %s', (signal, event) => {
  const signals: number[] = [];
  processes.listen((number) => signals.push(number));
  process.emit(signal, signal);
  expect(signals).toEqual([SIGINT]);
  expect(logger.events).toEqual([
    { level: 'info', message: 'Windows asks this program to end', fields: { event } },
  ]);
});

test('treats the shutdown of the container as one request to end', () => {
  vi.useFakeTimers();
  const signals: number[] = [];
  processes.listen((number) => signals.push(number));
  vi.advanceTimersByTime(10_000);
  expect(signals).toEqual([]);
  kernel32.memory.writeInt32LE(6, 4096);
  vi.advanceTimersByTime(10_000);
  expect(signals).toEqual([SIGINT]);
  expect(vi.getTimerCount()).toBe(0);
});

test('does not switch the user, and says so in the log', () => {
  expect(processes.findUser('circleci')).toBeUndefined();
  expect(logger.events).toMatchObject([{ level: 'warn', fields: { user: 'circleci' } }]);
});

test('logs nothing if no other user is asked for', () => {
  expect(processes.findUser('')).toBeUndefined();
  expect(logger.events).toEqual([]);
});
