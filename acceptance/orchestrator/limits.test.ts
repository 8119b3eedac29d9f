import { describe, test } from 'vitest';
import { Cgroup, canLimitProcesses, pidsHierarchy } from '../../internal/dev/testing/cgroup.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { agentOfRows, expectHandedBack, expectRefused, expectWorks } from './node-outcomes.ts';
import { runTaskToEnd } from './start-task.ts';

// What a task leads to on a node with little left of one thing: from nothing to ample.

const KiB = 1024;
const MiB = 1024 * KiB;

interface Row {
  /** An option of prlimit(1), and its values: those with which a task is refused, and those with which it works. */
  readonly limit: string;
  readonly refused: readonly number[];
  readonly works: readonly (number | 'unlimited')[];
  /** In the line of a refusal. */
  readonly reason: RegExp;
}

/** With less than 4 KiB of data or a small address space, the kernel cannot start any program. */
const limits: readonly Row[] = [
  {
    limit: 'as',
    refused: [16 * MiB, 256 * MiB, 1279 * MiB],
    works: [1400 * MiB, 'unlimited'],
    reason: /RLIMIT_AS/,
  },
  {
    limit: 'data',
    refused: [4 * KiB, MiB, 16 * MiB, 64 * MiB, 256 * MiB, 639 * MiB],
    works: [640 * MiB, 'unlimited'],
    reason: /RLIMIT_DATA/,
  },
  {
    limit: 'stack',
    refused: [64 * KiB, 127 * KiB],
    works: [128 * KiB, MiB, 8 * MiB, 64 * MiB, 'unlimited'],
    reason: /RLIMIT_STACK/,
  },
  { limit: 'nofile', refused: [0, 3, 4, 10, 20, 23], works: [30, 64, 1024], reason: /RLIMIT_NOFILE/ },
  { limit: 'fsize', refused: [0, KiB, MiB], works: [16 * MiB, 'unlimited'], reason: /RLIMIT_FSIZE/ },
  { limit: 'core', refused: [], works: [0, 'unlimited'], reason: /./ },
  { limit: 'memlock', refused: [], works: [0], reason: /./ },
  { limit: 'sigpending', refused: [], works: [0, 100], reason: /./ },
  { limit: 'msgqueue', refused: [], works: [0], reason: /./ },
  { limit: 'rtprio', refused: [], works: [0], reason: /./ },
];

const values = (kind: 'refused' | 'works') =>
  limits.flatMap((row) => row[kind].map((value) => ({ ...row, value })));

function runWithLimit(limit: string, value: number | 'unlimited') {
  return runTaskToEnd({ life: 'pid 1', through: ['prlimit', `--${limit}=${value}`], agent: agentOfRows });
}

describe('with a limit', { tags: ['not-emulated/little-memory'] }, () => {
  test.each(values('refused'))(
    '$limit of $value, a task is refused in one line',
    async ({ limit, value, reason }) => {
      expectRefused(await runWithLimit(limit, value), reason);
    },
  );

  test.each([24, 29])('nofile of %d, a task is handed back', async (value) => {
    expectHandedBack(await runWithLimit('nofile', value), /the limit of open files is reached/);
  });

  test.each(values('works'))('$limit of $value, a task works', async ({ limit, value }) => {
    expectWorks(await runWithLimit(limit, value));
  });
});

/** The main thread, the threads of Node, and a child. */
const processesOfTask = 8;

describe.runIf(canLimitProcesses)('with a pids limit', { tags: ['not-emulated/little-memory'] }, () => {
  async function runWithPids(own: number) {
    const cgroup = untilTestEnds(new Cgroup(pidsHierarchy));
    const unshare = 1;
    cgroup.write('pids.max', String(own + unshare));
    return runTaskToEnd({ life: 'pid 1', outside: cgroup.enter, agent: agentOfRows });
  }

  test.each([1, 2, 3, 4, 5, 6, 7])('of %d, a task is refused in one line', async (own) => {
    expectRefused(await runWithPids(own), /pids limit/);
  });

  test.each([processesOfTask, 16])('of %d, a task works', async (own) => {
    expectWorks(await runWithPids(own));
  });
});

describe.runIf(isRoot)(
  'with a limit of its user’s processes',
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
      return runTaskToEnd({ life: 'pid 1', through, agent: agentOfRows });
    }

    test.each([0, 1, 4, 7])('of %d, a task is refused in one line', async (limit) => {
      expectRefused(await runWithUserLimit(limit), /RLIMIT_NPROC/);
    });

    test.each([processesOfTask, 16])('of %d, a task works', async (limit) => {
      expectWorks(await runWithUserLimit(limit));
    });
  },
);
