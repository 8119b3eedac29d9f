import { expect, test } from 'vitest';
import { testTaskContext } from './fixtures/test-task-context.ts';
import { giveBackTask } from './give-back-task.ts';

const claim = { resourceClass: 'a/b', allocation: 'allocation', token: 'token-of-the-task' };

test.each<[string, object, string[], string[]]>([
  ['is handed back', {}, ['unclaim task-1'], ['drain']],
  [
    'is handed back when the runner API says its id only later',
    { taskConfiguration: [500] },
    ['unclaim task-1'],
    ['drain'],
  ],
  [
    'is failed when its retries are used up',
    { unclaim: [409] },
    [
      'unclaim task-1',
      expect.stringMatching(/^fail The task was claimed when .* its retries are used up\.$/),
    ],
    ['drain'],
  ],
  [
    'is failed when nobody knows its id',
    { taskConfiguration: [400] },
    [expect.stringMatching(/^fail /)],
    ['drain'],
  ],
  ['is left alone when it was cancelled', { taskConfiguration: [404] }, [], ['gone']],
])('a task that came too late %s', async (_case, refusals, told, ended) => {
  const { ends, runnerApi, signal, context } = await testTaskContext();
  Object.assign(runnerApi.refusals, refusals);
  await giveBackTask(claim, context, signal);
  expect(runnerApi.told).toEqual(told);
  expect(ends).toEqual(ended);
});
