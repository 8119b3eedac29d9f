import { expect, test } from 'vitest';
import { judgeReport, type VitestReport } from './judge-report.ts';

const place = '/somewhere';
const container = `${place}/acceptance/orchestrator/containers/pod.test.ts`;
const nested = `${place}/acceptance/orchestrator/containers/deeper/pod.test.ts`;
const cluster = `${place}/acceptance/cluster/orchestrator/deletion.test.ts`;
const unit = `${place}/task/task.test.ts`;

test.each<{ title: string; files: Record<string, string[]>; counts: string[]; problems: string[] }>([
  {
    title: 'is content when all have passed',
    files: {
      [unit]: ['passed', 'passed'],
      [container]: ['passed'],
      [nested]: ['passed'],
      [cluster]: ['passed'],
    },
    counts: ['5 passed, 0 failed'],
    problems: [],
  },
  {
    title: 'counts what was left out, which is a problem only in containers and on a cluster',
    files: {
      [unit]: ['passed', 'skipped', 'todo', 'pending'],
      [container]: ['passed'],
      [cluster]: ['passed'],
    },
    counts: ['3 passed, 0 failed', '3 left out'],
    problems: [],
  },
  {
    title: 'says how many have failed',
    files: { [unit]: ['passed', 'failed', 'failed'], [container]: ['passed'], [cluster]: ['passed'] },
    counts: ['3 passed, 2 failed'],
    problems: ['tests have failed: 2'],
  },
  {
    title: 'misses the container tests',
    files: {
      [`${place}/internal/dev/testing/containers/cover.test.ts`]: ['passed'],
      [cluster]: ['passed'],
    },
    counts: ['2 passed, 0 failed'],
    problems: ['there was no test in acceptance/*/containers/**/*.test.ts'],
  },
  {
    title: 'misses one of the container tests',
    files: { [unit]: ['passed'], [container]: ['passed', 'skipped'], [cluster]: ['passed'] },
    counts: ['3 passed, 0 failed', '1 left out'],
    problems: ['not every container test has run and passed'],
  },
  {
    title: 'misses the tests on a cluster',
    files: { [container]: ['passed'], [`${place}/internal/dev/lock.test.ts`]: ['passed'] },
    counts: ['2 passed, 0 failed'],
    problems: ['there was no test in acceptance/cluster/**/*.test.ts'],
  },
  {
    title: 'misses one of the tests on a cluster',
    files: { [unit]: ['passed'], [container]: ['passed'], [cluster]: ['passed', 'skipped'] },
    counts: ['3 passed, 0 failed', '1 left out'],
    problems: ['not every cluster test has run and passed'],
  },
  {
    title: 'complains of a run in which none has passed',
    files: { [container]: ['skipped'], [cluster]: ['skipped'] },
    counts: ['0 passed, 0 failed', '2 left out'],
    problems: [
      'no test has passed',
      'not every container test has run and passed',
      'not every cluster test has run and passed',
    ],
  },
  {
    title: 'complains of an empty run',
    files: {},
    counts: ['0 passed, 0 failed'],
    problems: [
      'no test has passed',
      'there was no test in acceptance/*/containers/**/*.test.ts',
      'there was no test in acceptance/cluster/**/*.test.ts',
    ],
  },
])('$title', ({ files, counts, problems }) => {
  const testResults = Object.entries(files).map(([name, statuses]) => fileWith(name, statuses));
  expect(judgeReport({ testResults })).toEqual({ counts, problems });
});

test('counts a file that failed as a whole as one failure, and says why', () => {
  const broken = { ...fileWith(unit, ['passed']), status: 'failed', message: 'no such module' };
  const others = [fileWith(container, ['passed']), fileWith(cluster, ['passed'])];
  expect(judgeReport({ testResults: [broken, ...others] })).toEqual({
    counts: ['3 passed, 1 failed'],
    problems: [`${unit} has failed as a whole: no such module`, 'tests have failed: 1'],
  });
});

function fileWith(name: string, statuses: readonly string[]): VitestReport['testResults'][number] {
  return {
    name,
    status: statuses.includes('failed') ? 'failed' : 'passed',
    message: '',
    assertionResults: statuses.map((status) => ({ status })),
  };
}
