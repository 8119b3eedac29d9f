import { describe, expect, test } from 'vitest';
import { type Denial, denyCalls } from '../../internal/dev/testing/deny-calls.ts';
import { calls, callsKilledFor, withoutTerminationLog } from './node-needs.ts';
import { expectHandedBack, expectRefused, expectWorks, runRow } from './node-outcomes.ts';

// Tasks under a seccomp profile that denies one of their system calls.

const errors: readonly Denial[] = ['EPERM', 'ENOSYS', 'EACCES'];
const rows = (names: readonly string[]) =>
  names.flatMap((name) => errors.map((error) => [name, error] as const));

async function runWithout(call: string, denial: Denial) {
  return runRow({ through: await denyCalls(denial, [call]) });
}

const hasLog = (call: string) => !withoutTerminationLog.calls.includes(call);
const isRefusedIfKilledFor = (call: string) =>
  !([...callsKilledFor.works, ...Object.keys(callsKilledFor.notApplicable)] as string[]).includes(call);

describe('a task', { tags: ['not-emulated/seccomp'] }, () => {
  test.each(rows(calls.works))('works without %s, answered with %s', async (call, error) => {
    expectWorks(await runWithout(call, error));
  });

  test.each(rows(calls.handedBack))('is handed back without %s, answered with %s', async (call, error) => {
    expectHandedBack(await runWithout(call, error), /seccomp profile/);
  });

  test.each(rows(calls.refused))(
    'is refused in one line without %s, answered with %s',
    async (call, error) => {
      expectRefused(await runWithout(call, error), /seccomp profile/, hasLog(call));
    },
  );

  test.each(callsKilledFor.works)('works under a profile that kills for %s', async (call) => {
    expectWorks(await runWithout(call, 'KILL_PROCESS'));
  });

  test.each([...calls.works, ...calls.handedBack, ...calls.refused].filter(isRefusedIfKilledFor))(
    'is refused in one line under a profile that kills for %s',
    async (call) => {
      expectRefused(
        await runWithout(call, 'KILL_PROCESS'),
        new RegExp(
          `seccomp profile of the container kills processes that make the system call ${call}; allow it`,
        ),
        hasLog(call),
      );
    },
  );

  test.each(
    (['KILL_THREAD', 'TRAP'] as const).flatMap((action) =>
      ['prctl', 'futex', 'wait4', 'statx', 'exit'].map((call) => [action, call] as const),
    ),
  )('is refused in one line under a profile with the action %s for %s', async (action, call) => {
    expectRefused(
      await runWithout(call, action),
      new RegExp(`kills processes that make the system call ${call};`),
    );
  });

  test('works with a large environment if there are no files in memory', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `LARGE${index}`);
    const env = Object.fromEntries(names.map((name) => [name, 'x'.repeat(120_000)]));
    const through = await denyCalls('EPERM', ['memfd_create']);
    expectWorks(await runRow({ through, env }));
  });

  test('is handed back if switching users is not possible, and the message says so', async () => {
    const through = await denyCalls('EPERM', ['setresuid']);
    const task = await runRow({ through, config: { user: '1234' } });
    expectHandedBack(task, /could not switch to user 1234: .*the container may not change users/);
  });
});

test.each(['setgroups', 'setresgid', 'setresuid'])(
  'a profile that kills for %s ends an agent that is to run as another user, and that is reported',
  { tags: ['not-emulated/seccomp'] },
  async (call) => {
    const through = await denyCalls('KILL_PROCESS', [call]);
    const task = await runRow({ through, config: { user: '1234' } });
    expect(task).toMatchObject({ status: 0, signal: null, calls: ['fail'], stderr: '' });
    expect(task.message).toContain('SIGSYS');
  },
);

test('every call is in one row', () => {
  const { notApplicable, ...others } = calls;
  const all = [...Object.values(others).flat(), ...Object.keys(notApplicable)];
  expect(all.length).toBe(new Set(all).size);
});
