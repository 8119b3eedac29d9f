import { describe, test } from 'vitest';
import { Cgroup, canLimitProcesses, pidsHierarchy } from '../../internal/dev/testing/cgroup.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { limits, processesOfTask, withoutTerminationLog } from './node-needs.ts';
import { expectRefused, expectWorks, runRow } from './node-outcomes.ts';
import type { TaskToRun } from './start-task.ts';

// Tasks on a node with little of one resource: from nothing to plenty.

/** Limits that a task does not need at all. */
const withoutNeed = ['core', 'memlock', 'sigpending', 'msgqueue', 'rtprio', 'locks'];

const refused = limits.flatMap(({ limit, refused, reason }) =>
  refused.map((value) => ({ limit, value, reason })),
);
const working = [
  ...limits.flatMap(({ limit, least, works }) => [least, ...works].map((value) => ({ limit, value }))),
  ...withoutNeed.map((limit) => ({ limit, value: 0 })),
];

function runWithLimit(limit: string, value: number | 'unlimited') {
  return runRow({ through: ['prlimit', `--${limit}=${value}`] });
}

describe('with a limit', { tags: ['not-emulated/little-memory'] }, () => {
  test.each(refused)('$limit of $value, a task is refused in one line', async ({ limit, value, reason }) => {
    const hasLog = withoutTerminationLog.limits[limit] !== value;
    expectRefused(await runWithLimit(limit, value), reason, hasLog);
  });

  test('nofile, and descriptors that another program left open, a task is refused in one line', async () => {
    const through = ['prlimit', '--nofile=32', 'sh', '-c', 'exec "$@" 3>&1', 'sh'];
    expectRefused(await runRow({ through }), /RLIMIT_NOFILE/);
  });

  test('nofile of the smallest value, a task works with a custom entrypoint', async () => {
    const through = ['prlimit', '--nofile=32'];
    expectWorks(await runRow({ through, entrypoint: ['forever'] }));
  });

  test.each(working)('$limit of $value, a task works', async ({ limit, value }) => {
    expectWorks(await runWithLimit(limit, value));
  });
});

describe.runIf(canLimitProcesses)('with a pids limit', { tags: ['not-emulated/little-memory'] }, () => {
  async function runWithPids(own: number, task: TaskToRun = {}) {
    const cgroup = untilTestEnds(new Cgroup(pidsHierarchy));
    cgroup.write('pids.max', String(own));
    return runRow({ through: cgroup.enter, ...task });
  }

  test.each([1, 2, 3, 4, 5, 6, 7])('of %d, a task is refused in one line', async (own) => {
    expectRefused(await runWithPids(own), /pids limit/);
  });

  test.each([processesOfTask, 16])('of %d, a task works', async (own) => {
    expectWorks(await runWithPids(own));
  });

  test('with room for a custom entrypoint, a task with one works', async () => {
    expectWorks(await runWithPids(processesOfTask + 1, { entrypoint: ['forever'] }));
  });
});

describe.runIf(isRoot)(
  'with a limit of processes for its user',
  { tags: ['not-emulated/little-memory'] },
  () => {
    function runWithUserLimit(limit: number) {
      const through = [
        'setpriv',
        '--reuid=61235',
        '--regid=61235',
        '--clear-groups',
        'prlimit',
        `--nproc=${limit}`,
      ];
      return runRow({ through });
    }

    test.each([0, 1, 4, 7])('of %d, a task is refused in one line', async (limit) => {
      expectRefused(await runWithUserLimit(limit), /RLIMIT_NPROC/);
    });

    test.each([processesOfTask, 16])('of %d, a task works', async (limit) => {
      expectWorks(await runWithUserLimit(limit));
    });
  },
);
