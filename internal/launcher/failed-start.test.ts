import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BareImage, mountProc } from '../dev/testing/bare-image.ts';
import { Cgroup, canLimitProcesses, pidsHierarchy } from '../dev/testing/cgroup.ts';
import { denyCalls } from '../dev/testing/deny-calls.ts';
import { isRoot } from '../dev/testing/is-root.ts';
import { packedProbe } from '../dev/testing/packed-probe.ts';
import { startProgram } from '../dev/testing/start-program.ts';
import { untilTestEnds } from '../dev/testing/until-test-ends.ts';

// Every failure during Node's start ends with exactly one line and a status, never with a signal or a hang.

const oneLine = (pattern: RegExp) =>
  expect.stringMatching(new RegExp(`^probe: [^\\n]*${pattern.source}[^\\n]*\\n$`));

async function runEarly(command: string, ...parameters: readonly string[]) {
  await using image = await BareImage.create();
  return await image.run([command, ...parameters]);
}

test.each([
  ['hangs', 'earlyHang', /the start of Node\.js hangs; look at .*processes.*seccomp/],
  ['aborts', 'earlyAbort', /Node\.js ended itself by SIGABRT/],
  ['fails', 'earlyError', /Node\.js gave up its start: .*the program does not know what to do/],
])('a start that %s ends with one line', async (_title, command, message) => {
  expect(await runEarly(command)).toEqual({ status: 1, signal: null, stdout: '', stderr: oneLine(message) });
});

test('a slow start is not mistaken for a hang', async () => {
  const { status, stdout, stderr } = await runEarly('earlySlowness', '12');
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '"started"\n', stderr: '' });
});

test('a crash after the start also ends with a line and a status, whatever Node prints before', async () => {
  const { status, stderr } = await runEarly('lateAbort');
  expect({ status, line: stderr.split('\n').at(-2) }).toEqual({
    status: 1,
    line: expect.stringMatching(/^probe: Node\.js ended itself by SIGABRT; /),
  });
});

test('a process whose memory is watched ends with a line when JavaScript runs no more, and not before', async () => {
  expect(await runEarly('hangsAfter', '15')).toEqual({
    status: 1,
    signal: null,
    stdout: '"watched"\n"hangs"\n',
    stderr: oneLine(/got no further for 10 s.*files in memory/),
  });
});

test('a process whose memory is watched goes on after it was stopped for longer than that', async () => {
  await using image = await BareImage.create();
  await using program = await image.start(['hangsAfter', '1']);
  await program.printed(/watched/);
  program.signal('SIGSTOP');
  await pause(15_000);
  expect(program.stdout.text).not.toContain('hangs');
  program.signal('SIGCONT');
  await program.printed(/hangs/);
});

test('if memory cannot be watched, none stays locked', async () => {
  const reportOf = async (through: readonly string[]) => {
    await using program = await startProgram([packedProbe(), 'watchMemory'], { life: 'pid 1', through });
    const { stdout } = await program.result();
    return JSON.parse(stdout);
  };
  expect((await reportOf([])).lockedKilobytes).toBeGreaterThan(0);
  expect(await reportOf(await denyCalls('EAGAIN', ['timer_create']))).toEqual({
    result: -constants.errno.EAGAIN,
    lockedKilobytes: 0,
  });
});

test.each(['SIGSEGV', 'SIGABRT', 'SIGTRAP', 'SIGSYS'] as const)(
  'a job cannot end PID 1 by %s',
  async (signal) => {
    await using image = await BareImage.create();
    await using program = await image.start(['listen']);
    await program.printed(/listening/);
    program.signal(signal);
    program.signal('SIGTERM');
    expect(await program.ended).toEqual({ status: 7, signal: null });
  },
);

test('another process may end it by such a signal if it is not PID 1', async () => {
  const program = spawn(packedProbe(), ['listen'], { stdio: ['ignore', 'pipe', 'inherit'] });
  program.stdout.once('data', () => program.kill('SIGSEGV'));
  const signal = await new Promise((resolve) => program.once('exit', (_status, by) => resolve(by)));
  expect(signal).toBe('SIGSEGV');
});

test('the line is also in the container\u2019s termination log, and replaces an older one', async () => {
  await using image = await BareImage.create();
  await image.addFile('dev/termination-log', `${'an older line '.repeat(50)}\n`);
  const { stderr } = await image.run(['earlyAbort']);
  const { stdout } = await image.run(['read', '/dev/termination-log']);
  expect(JSON.parse(stdout)).toBe(stderr);
});

test('output of Node during a good start is passed on', async () => {
  const { status, stderr } = await runEarly('earlyWarning');
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'a warning\nsaid later\n' });
});

test.runIf(canLimitProcesses).each([0, 1, 4, 8])(
  'says so if only %d more processes may be created',
  async (left) => {
    const cgroup = untilTestEnds(new Cgroup(pidsHierarchy));
    const unshareAndProgram = 2;
    cgroup.write('pids.max', String(unshareAndProgram + left));
    const program = untilTestEnds(
      await startProgram([packedProbe(), 'report'], { life: 'pid 1', outside: cgroup.enter }),
    );
    const { status, stderr } = await program.result();
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: oneLine(/cannot make the threads that Node\.js needs: .*EAGAIN.*pids limit.*RLIMIT_NPROC/),
    });
  },
);

test.runIf(isRoot)(
  'counts the remaining processes, not the limit, if others of its user have used some up',
  async () => {
    const uid = 54_322;
    const script = 'for i in 1 2 3 4 5 6; do sleep 100 & done; echo ready; wait';
    const others = spawn('sh', ['-c', script], { uid, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(others.stdout, 'data');
    try {
      await using image = await BareImage.create();
      const { status, stderr } = await image.run(['report'], { uid, before: `${mountProc} && ulimit -p 14` });
      expect({ status, stderr }).toEqual({ status: 1, stderr: oneLine(/EAGAIN.*RLIMIT_NPROC/) });
    } finally {
      process.kill(-(others.pid ?? 0), 'SIGKILL');
    }
  },
);

test('says so if a thread cannot be created although a process can', async () => {
  const ofThreads = 'clone:0:0x10000'; // CLONE_THREAD
  const through = await denyCalls('EAGAIN', [ofThreads]);
  const program = untilTestEnds(await startProgram([packedProbe(), 'report'], { life: 'pid 1', through }));
  const { status, stderr } = await program.result();
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: oneLine(/cannot make a thread: .*EAGAIN.*pids limit/),
  });
});

test('starts if the seccomp profile answers clone3 like a profile that does not know it', async () => {
  const through = await denyCalls('EPERM', ['clone3']);
  const program = untilTestEnds(await startProgram([packedProbe(), 'report'], { life: 'pid 1', through }));
  const { status, stderr } = await program.result();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
