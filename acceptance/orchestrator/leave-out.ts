import { relative } from 'node:path';
import { beforeEach, type RunnerTestCase, type RunnerTestSuite } from 'vitest';
import { emulated } from '../../internal/dev/testing/executable.ts';
import { namesOfNoTest, reasonToLeaveOut } from './not-emulated.ts';

/** Every test file of this folder begins with this: see vitest.config.ts. */

function testsIn({ tasks }: RunnerTestSuite): string[] {
  return tasks.flatMap((task: RunnerTestCase | RunnerTestSuite) =>
    task.type === 'suite' ? testsIn(task) : [task.fullTestName],
  );
}

beforeEach(({ skip, task }) => {
  const file = relative(import.meta.dirname, task.file.filepath);
  // Not only where tests are left out, so that it is noticed at once when one gets another name.
  const unknown = namesOfNoTest(file, testsIn(task.file));
  if (unknown.length > 0)
    throw new Error(`not-emulated.ts names tests that ${file} has not: ${unknown.join('; ')}`);
  const reason = reasonToLeaveOut(file, task.fullTestName);
  if (emulated && reason !== undefined) skip(reason);
});
