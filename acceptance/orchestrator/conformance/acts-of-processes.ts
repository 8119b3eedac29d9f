import { readdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { buildFakeAgent } from '../../../internal/dev/testing/build-fake-agent.ts';
import { childrenOf, readProc, stateOf, statusField, zombiesOf } from '../../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { fileOnce } from '../start-task.ts';
import type { Act } from './acts-of-ends.ts';
import { supervise } from './programs.ts';

/** Makes orphans in the given way, and waits until only the child is left. */
const reaps =
  (verbs: readonly string[]): Act =>
  async (program) => {
    const done = join(scratchFolder(), 'done');
    const { run, end } = await supervise(program, [...verbs, 'say=orphaned', `wait-file=${done}`]);
    await run.printed(/orphaned/);
    const alone = () => zombiesOf(run.pid) === 0 && childrenOf(run.pid).length === 1;
    const reaped = await waitFor('no zombie', alone).catch(() => false);
    await writeFile(done, '');
    await end();
    return reaped ? 'reaped' : 'zombies';
  };

export const reapsBurst = reaps(['orphans=10000']);
export const reapsStream = reaps(Array.from({ length: 40 }, () => 'orphans=50'));
export const reapsAllAtOnce = reaps(['late-orphans=1000']);
export const reapsGrandchildren = reaps(
  Array.from({ length: 20 }, () => ['daemon', 'fork', 'orphans=5', 'end', 'daemon', 'end', 'end']).flat(),
);

/** If it is not PID 1: the processes that live on after the child's end. */
export const leavesBehind: Act = async (program) => {
  const script = ['fork', 'forever', 'end', 'daemon', 'forever', 'end'];
  const { run, end } = await supervise(program, script, { life: 'ordinary' });
  await end();
  const left = (await Promise.all(run.survivors().map(livesOn))).filter(Boolean).length;
  return left === 0 ? 'nobody' : `${left} of 2`;
};

/** If it is not PID 1 and dies by SIGKILL. */
export const diesWithParent: Act = async (program) => {
  const { run } = await supervise(program, ['say=running', 'forever'], { life: 'ordinary' });
  await run.printed(/running/);
  const children = childrenOf(run.pid);
  run.signal('SIGKILL');
  await run.ended;
  return (await Promise.all(children.map(livesOn))).includes(true) ? 'lives on' : 'dies';
};

/**
 * Whether a process continues. A process that got a fatal signal may not have had time to end. Then SIGKILL is pending,
 * because the kernel turns fatal signals into it.
 */
async function livesOn(pid: number): Promise<boolean> {
  return waitFor(`whether process ${pid} lives on`, () => {
    const isDying = (pendingIn(pid, 'SigPnd') & bitOf(constants.signals.SIGKILL)) !== 0n;
    const state = stateOf(pid);
    if (['', 'Z'].includes(state)) return 'ended';
    return state === 'S' && !isDying ? 'lives' : undefined;
  }).then((word) => word === 'lives');
}

const bitOf = (signal: number) => 1n << BigInt(signal - 1);

function pendingIn(pid: number, field: 'SigPnd' | 'ShdPnd'): bigint {
  return BigInt(`0x0${statusField(readProc(pid, 'status'), field)}`);
}

/** The state of the child at its start, if the program was started in this way. */
export const beginsWith =
  (before: string, field: 'SigBlk' | 'SigIgn'): Act =>
  async (program) => {
    const file = join(scratchFolder(), 'status');
    const through = [await buildFakeAgent(), before, 'exec'];
    const { end } = await supervise(program, [`into=${file}`, 'print=/proc/self/status'], { through });
    await end();
    return numbersOf(BigInt(`0x${statusField(await fileOnce(file, /SigCgt/), field)}`));
  };

function numbersOf(mask: bigint): string {
  const numbers = Array.from({ length: 64 }, (_, index) => index + 1).filter((n) => (mask & bitOf(n)) !== 0n);
  return numbers.length > 8 ? 'nearly all' : numbers.join(' ') || 'none';
}

export const keepsDirectory: Act = async (program) => {
  const directory = scratchFolder();
  const { end } = await supervise(program, ['touch=here'], { cwd: directory });
  await end();
  return (await readdir(directory)).join() === 'here' ? 'kept' : 'another';
};

/** The descriptors of a child whose grandparent left two open. */
export const passesDescriptors: Act = async (program) => {
  const file = join(scratchFolder(), 'fds');
  const through = ['/bin/sh', '-c', 'exec 7</dev/null 9<&7; exec "$@"', 'sh'];
  const { end } = await supervise(program, [`into=${file}`, 'print-fds'], { through });
  await end();
  const open = [...(await fileOnce(file, /./)).matchAll(/^(\d+) ->/gm)].map(([, fd]) => Number(fd));
  // The program that runs the tests may leave others open.
  return [0, 1, 2, 7, 9].filter((fd) => open.includes(fd)).join(' ');
};

/** The child's stdin if the program has a terminal. */
export const passesTerminal: Act = async (program) => {
  const file = join(scratchFolder(), 'fds');
  const through = ['sh', '-c', 'exec script -qec "$*" /dev/null', 'sh'];
  const { end } = await supervise(program, [`into=${file}`, 'print-fds'], { life: 'ordinary', through });
  await end();
  const [, target = ''] = /^0 -> (\S+)/m.exec(await fileOnce(file, /^2 /m)) ?? [];
  return target.startsWith('/dev/pts/') ? 'the terminal' : (target.split(':')[0] ?? '');
};

/** Waits until a process has handled its signals: none is pending, and it sleeps. A stopped process handles none. */
async function settled(pid: number): Promise<void> {
  await waitFor(`process ${pid} has dealt with its signals`, () => {
    const state = stateOf(pid);
    return state === 'T' || (state === 'S' && (pendingIn(pid, 'SigPnd') | pendingIn(pid, 'ShdPnd')) === 0n);
  });
}

/** The number of equal readings in a row after which nothing is under way any more, even on a slow machine. */
const steadyLooks = 50;

/** The final value of a text. While a signal is on its way from one process to the next, nothing shows it. */
async function lastOf(read: () => Promise<string>): Promise<string> {
  let text = '';
  let looks = 0;
  await waitFor('a text that no longer changes', async () => {
    const now = await read();
    looks = now === text ? looks + 1 : 0;
    text = now;
    return looks >= steadyLooks;
  });
  return text;
}

/** These may stop a supervisor, so they come last. */
const stopping = [20, 21, 22];
/** KILL and STOP, the C library's own, and CHLD. A supervisor's children also cause CHLD, at any moment. */
const left = [9, 19, 32, 33, 17];
const catchable = [
  ...Array.from({ length: 64 }, (_, index) => index + 1).filter((n) => ![...left, ...stopping].includes(n)),
  ...stopping,
];

export type Receiver = 'leader' | 'member' | 'session';

/**
 * The signals that do not reach the child, another process of its group, and a process in its own session.
 */
export const receives =
  (receiver: Receiver): Act =>
  async (program) => {
    const directory = scratchFolder();
    const listener = (name: Receiver) => [
      ...[
        `into=${join(directory, name)}`,
        'trap=all',
        'say=listening',
        `wait-file=${join(directory, 'done')}`,
      ],
    ];
    const report = () => fileOnce(join(directory, receiver), /listening/);
    const others = ['fork', ...listener('member'), 'end', 'daemon', ...listener('session'), 'end'];
    const { run, end } = await supervise(program, [...others, ...listener('leader')]);
    for (const name of ['leader', 'member', 'session']) await fileOnce(join(directory, name), /listening/);
    for (const signal of catchable) {
      run.signal(signal);
      await settled(run.pid);
    }
    // A process that gets it loses pending stop signals: signal(7).
    await lastOf(report);
    run.signal('SIGCONT');
    await settled(run.pid);
    for (const pid of run.survivors()) await settled(pid);
    const text = await lastOf(report);
    const has = (signal: number) => text.includes(`got ${String(signal).padStart(2, '0')}\n`);
    await writeFile(join(directory, 'done'), '');
    await end();
    const missing = catchable.filter((signal) => !has(signal)).sort((a, b) => a - b);
    if (missing.length === catchable.length) return 'none';
    return missing.length === 0 ? 'all' : `all but ${missing.join(' ')}`;
  };
