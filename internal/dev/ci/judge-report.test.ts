import { expect, test } from 'vitest';
import { judgeReport, type Report } from './judge-report.ts';

const place = '/somewhere';
const container = `${place}/acceptance/orchestrator/containers/pod.test.ts`;
const nested = `${place}/acceptance/orchestrator/containers/deeper/pod.test.ts`;
const unit = `${place}/task/task.test.ts`;

test.each<{ title: string; files: Record<string, string[]>; counts: string[]; problems: string[] }>([
  {
    title: 'is content when all have passed',
    files: { [unit]: ['passed', 'passed'], [container]: ['passed'], [nested]: ['passed'] },
    counts: ['4 passed, 0 failed'],
    problems: [],
  },
  {
    title: 'counts what was left out, which is no problem elsewhere than in a container',
    files: { [unit]: ['passed', 'skipped', 'todo', 'pending'], [container]: ['passed'] },
    counts: ['2 passed, 0 failed', '3 left out'],
    problems: [],
  },
  {
    title: 'says how many have failed',
    files: { [unit]: ['passed', 'failed', 'failed'], [container]: ['passed'] },
    counts: ['2 passed, 2 failed'],
    problems: ['tests have failed: 2'],
  },
  {
    title: 'misses the container tests',
    files: { [unit]: ['passed'], [`${place}/internal/dev/testing/containers/cover.test.ts`]: ['passed'] },
    counts: ['2 passed, 0 failed'],
    problems: ['there was no test in acceptance/orchestrator/containers/**/*.test.ts'],
  },
  {
    title: 'misses one of the container tests',
    files: { [unit]: ['passed'], [container]: ['passed', 'skipped'] },
    counts: ['2 passed, 0 failed', '1 left out'],
    problems: ['not every container test has run and passed'],
  },
  {
    title: 'complains of a run in which none has passed',
    files: { [container]: ['skipped'] },
    counts: ['0 passed, 0 failed', '1 left out'],
    problems: ['no test has passed', 'not every container test has run and passed'],
  },
  {
    title: 'complains of an empty run',
    files: {},
    counts: ['0 passed, 0 failed'],
    problems: ['no test has passed', 'there was no test in acceptance/orchestrator/containers/**/*.test.ts'],
  },
])('$title', ({ files, counts, problems }) => {
  const testResults = Object.entries(files).map(([name, statuses]) => fileWith(name, statuses));
  expect(judgeReport({ testResults })).toEqual({ counts, problems });
});

test('counts a file that failed as a whole as one failure, and says why', () => {
  const broken = { ...fileWith(unit, ['passed']), status: 'failed', message: 'no such module' };
  expect(judgeReport({ testResults: [broken, fileWith(container, ['passed'])] })).toEqual({
    counts: ['2 passed, 1 failed'],
    problems: [`${unit} has failed as a whole: no such module`, 'tests have failed: 1'],
  });
});

function fileWith(name: string, statuses: readonly string[]): Report['testResults'][number] {
  return {
    name,
    status: statuses.includes('failed') ? 'failed' : 'passed',
    message: '',
    assertionResults: statuses.map((status) => ({ status })),
  };
}
