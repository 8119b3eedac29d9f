import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { listeningPorts, readProc, statusField } from '../../internal/dev/testing/proc.ts';
import type { RunningProgram } from '../../internal/dev/testing/running-program.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { taskLives } from './run-orchestrator.ts';
import { fileOnce, finish, runTaskToEnd, startTask } from './start-task.ts';

const { SIGCHLD, SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGQUIT } = constants.signals;
const requestsToEnd = [SIGINT, SIGQUIT, SIGTERM];
/**
 * KILL and STOP cannot be caught. Faults, CHLD, PIPE, TTIN and TTOU concern only the orchestrator. glibc uses
 * 32 and 33.
 */
const kept = [9, 19, 4, 5, 6, 7, 8, 11, 31, 17, 13, 21, 22, 32, 33];
const forwarded = Array.from({ length: 64 }, (_, index) => index + 1).filter((n) => !kept.includes(n));
const firstRealTime = 32;
const harmless = forwarded.filter((signal) => !requestsToEnd.includes(signal));

/** Without signals about a listener's own children. */
const received = (text: string) =>
  [...text.matchAll(/^got (\d+)$/gm)].map(([, number]) => Number(number)).filter((n) => n !== SIGCHLD);
const inOrder = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

/** A process of the group that records every signal until the file `done` exists. */
const listener = (directory: string, name: string) => [
  `into=${join(directory, name)}`,
  'trap=all',
  'say=listening',
  `wait-file=${join(directory, 'done')}`,
];

describe.each(taskLives)('an orchestrator, %s,', (life) => {
  async function expectToBePassedOn(sent: readonly number[]): Promise<void> {
    const directory = scratchFolder();
    const names = ['entrypoint', 'entrypoint-child', 'agent', 'agent-child'];
    const reports = () => Promise.all(names.map((name) => fileOnce(join(directory, name), /listening/)));
    const group = (name: string) => [
      'fork',
      ...listener(directory, `${name}-child`),
      'end',
      ...listener(directory, name),
    ];
    const task = await startTask({ life, entrypoint: group('entrypoint'), agent: group('agent') });
    await reports();
    // One at a time, because standard signals do not queue.
    for (const signal of sent) {
      task.run.signal(signal);
      const has = (report: string) => received(report).includes(signal);
      await waitFor(`signal ${signal} everywhere`, async () => (await reports()).every(has));
    }
    await writeFile(join(directory, 'done'), '');
    const ended = await finish(task);
    expect((await reports()).map(received)).toEqual(names.map(() => sent));
    expect(ended).toMatchObject({ status: 0, calls: [] });
  }

  test('passes every standard signal on to the groups of the agent and of the entrypoint, whoever is in them', () =>
    expectToBePassedOn(harmless.filter((signal) => signal < firstRealTime)));

  test(
    'passes every real-time signal on to the groups of the agent and of the entrypoint, whoever is in them',
    {
      tags: ['not-emulated/real-time-signals'],
    },
    () => expectToBePassedOn(harmless.filter((signal) => signal >= firstRealTime)),
  );

  test.each([
    ['SIGINT', SIGINT],
    ['SIGQUIT', SIGQUIT],
    ['SIGTERM', SIGTERM],
  ])('passes %s on to the entrypoint at once and not to the agent', async (_name, signal) => {
    const directory = scratchFolder();
    const task = await startTask({
      life,
      entrypoint: listener(directory, 'entrypoint'),
      agent: listener(directory, 'agent'),
    });
    const report = (name: string) => fileOnce(join(directory, name), /listening/);
    await Promise.all([report('agent'), report('entrypoint')]);
    task.run.signal(signal);
    await fileOnce(join(directory, 'entrypoint'), /got/);
    await writeFile(join(directory, 'done'), '');
    expect(await finish(task)).toMatchObject({ status: 0, calls: [] });
    expect(received(await report('entrypoint'))).toEqual([signal]);
    expect(received(await report('agent'))).toEqual([]);
  });

  test('survives signals that it does not pass on, even if others send them', {
    tags: ['quick'],
  }, async () => {
    const directory = scratchFolder();
    const task = await startTask({ life, agent: listener(directory, 'agent') });
    await fileOnce(join(directory, 'agent'), /listening/);
    // A terminal stops its background jobs with the last two. This does not apply to PID 1.
    const terminal = life === 'pid 1' ? (['SIGTTIN', 'SIGTTOU'] as const) : [];
    for (const name of ['SIGCHLD', 'SIGPIPE', ...terminal] as const) task.run.signal(name);
    // The signals after them show that these have been handled.
    task.run.signal('SIGHUP');
    await fileOnce(join(directory, 'agent'), /got/);
    expect((await fetch(`${await task.run.healthUrl()}/live`)).status).toBe(200);
    await writeFile(join(directory, 'done'), '');
    expect((await finish(task)).status).toBe(0);
    expect(received(await fileOnce(join(directory, 'agent'), /got/))).toEqual([SIGHUP]);
  });

  test('starts children with default dispositions and an empty mask', { tags: ['quick'] }, async () => {
    const directory = scratchFolder();
    const file = (name: string) => join(directory, name);
    await runTaskToEnd({
      life,
      entrypoint: [`into=${file('entrypoint')}`, 'print=/proc/self/status', `touch=${file('done')}`],
      agent: [`wait-file=${file('done')}`, `into=${file('agent')}`, 'print=/proc/self/status'],
    });
    for (const name of ['agent', 'entrypoint']) {
      const status = await fileOnce(file(name), /SigCgt/);
      for (const field of ['SigBlk', 'SigIgn', 'SigCgt']) {
        expect([name, field, statusField(status, field)]).toEqual([name, field, '0'.repeat(16)]);
      }
    }
  });
});

test('a signal mask from the start neither reaches the children nor blocks signals to the orchestrator', async () => {
  const file = join(scratchFolder(), 'status');
  const task = await startTask({
    through: [await buildFakeAgent(), 'block=all', 'exec'],
    agent: [`into=${file}`, 'print=/proc/self/status', 'trap=10', 'say=listening', 'wait-signals=1'],
  });
  const status = await fileOnce(file, /listening/);
  expect(statusField(status, 'SigBlk')).toBe('0'.repeat(16));
  task.run.signal(SIGUSR1);
  expect((await finish(task)).status).toBe(0);
});

describe('a signal that is ignored at start, as with nohup,', () => {
  const bit = (signal: number) => 1n << BigInt(signal - 1);

  test.each([
    ['SIGHUP', [SIGHUP]],
    ['SIGINT and SIGQUIT, as of a background job', [SIGINT, SIGQUIT]],
    ['SIGUSR2 and a real-time signal', [SIGUSR2, 40]],
    ['SIGCHLD', [17]],
    ['SIGPIPE', [13]],
  ])('stays ignored for children: %s', async (_title, ignored) => {
    const directory = scratchFolder();
    const file = (name: string) => join(directory, name);
    const task = await runTaskToEnd({
      through: [await buildFakeAgent(), `ignore=${ignored.join(',')}`, 'exec'],
      entrypoint: [`into=${file('entrypoint')}`, 'print=/proc/self/status', `touch=${file('done')}`],
      agent: [`wait-file=${file('done')}`, `into=${file('agent')}`, 'print=/proc/self/status', 'exit=3'],
    });
    const expected = ignored.reduce((sum, signal) => sum | bit(signal), 0n);
    for (const name of ['agent', 'entrypoint']) {
      const status = await fileOnce(file(name), /SigCgt/);
      expect([name, BigInt(`0x${statusField(status, 'SigIgn')}`)]).toEqual([name, expected]);
    }
    expect(task.message).toContain('exit status 3');
  });

  test('does not change SIGTERM for the orchestrator', async () => {
    const task = await startTask({
      through: [await buildFakeAgent(), 'ignore=all', 'exec'],
      flags: ['--termination-grace-period=0s'],
      agent: ['forever'],
    });
    await task.run.printed(/task agent started/);
    task.run.signal('SIGTERM');
    expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
  });
});

/**
 * Waits until the orchestrator keeps signals for later. Before that, PID 1 loses them. The log shows this, or
 * a signal mask that blocks the forwarded signals but not SIGCHLD. For a moment unshare(1) also blocks
 * SIGTERM, and an emulator almost all signals.
 */
async function untilSignalsAreKept(run: RunningProgram): Promise<void> {
  const bit = (signal: number) => 1n << BigInt(signal - 1);
  const areKept = () => {
    const blocked = BigInt(`0x0${statusField(readProc(run.pid, 'status'), 'SigBlk')}`);
    const areBlocked = (blocked & (bit(SIGUSR1) | bit(SIGCHLD))) === bit(SIGUSR1);
    return areBlocked || run.stdout.text.includes('starting orchestrator');
  };
  await waitFor('signals are kept', areKept, { everyMs: 0 });
}

describe('while it starts', { tags: ['timed'] }, () => {
  test.each(taskLives)(
    'SIGUSR1 opens no debugger and ends nothing, whenever it is sent, %s',
    async (life) => {
      const done = join(scratchFolder(), 'done');
      // Signals that come before the agent traps them end the agent. This does not matter here.
      const task = await startTask({ life, agent: ['trap=10', `wait-file=${done}`] });
      const { run } = task;
      await untilSignalsAreKept(run);
      const hasStarted = () => {
        run.signal('SIGUSR1');
        return run.stdout.text.includes('task agent started');
      };
      await waitFor('the start of the agent', hasStarted, { everyMs: 1 });
      for (let count = 0; count < 50; count++) run.signal('SIGUSR1');
      expect(listeningPorts(run.pid)).not.toContain(9229);
      await writeFile(done, '');
      const { status, stdout, stderr } = await finish(task);
      expect(stdout + stderr).not.toMatch(/debugger|inspector/i);
      expect(status).toBe(0);
    },
  );

  test.each(
    taskLives.flatMap((life) => (['run-task', 'override'] as const).map((command) => ({ command, life }))),
  )(
    'SIGTERM that came before anything began hands the task back, $life, $command',
    { tags: ['not-emulated/caught-signals'] },
    async ({ command, life }) => {
      const script = 'sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM)); kill("TERM", $$); exec(@ARGV)';
      const done = join(scratchFolder(), 'begun');
      const task = await runTaskToEnd({
        ...{ command, life },
        through: ['perl', '-MPOSIX', '-e', script],
        entrypoint: [`touch=${done}`],
        env: command === 'override' ? { CIRCLECI_GOAT_ENTRYPOINT: `touch,${done}` } : {},
        agent: [`touch=${done}`],
      });
      expect(task).toMatchObject({ status: 0, calls: ['unclaim'] });
      expect(task.stdout).toContain('SIGTERM came before the task agent was started');
      expect(existsSync(done)).toBe(false);
    },
  );

  test.each(taskLives)('SIGTERM is not lost, whenever it comes, %s', async (life) => {
    for (let ms = 0; ms <= 60; ms += 4) {
      const task = await startTask({ life, flags: ['--termination-grace-period=0s'], agent: ['forever'] });
      await untilSignalsAreKept(task.run);
      await new Promise((resolve) => setTimeout(resolve, ms));
      task.run.signal('SIGTERM');
      const { status, calls } = await finish(task);
      // Before the agent's start the task is handed back. After that it is reported.
      expect([ms, status, calls.length]).toEqual([ms, 0, 1]);
    }
  });
});

test('the numbers of this table are those of the machine', () => {
  expect(inOrder(requestsToEnd)).toEqual([2, 3, 15]);
  expect(constants.signals.SIGTTOU).toBe(22);
});
