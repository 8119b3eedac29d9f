import { expect, test } from 'vitest';
import { sendStatus } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import { testWorld } from './fixtures/test-world.ts';
import { takeOverTask } from './take-over-task.ts';

const record = {
  ...{
    podName: 'ccita-task-1-0-12345678',
    taskId: 'task-1',
    allocation: 'allocation',
    token: 'token-of-the-task',
  },
  ...{ resourceClass: 'a/b', unsafeRetries: false },
};

test('a task without a Pod is handed back once the API server tells again that it never had one', async () => {
  const { api, runnerApi, signal, world } = await testWorld();
  let failures = 2;
  api.intercept = (request, response) => {
    if (!request.path.endsWith('/events') || request.query.get('watch') === 'true' || failures-- <= 0)
      return false;
    sendStatus(response, 503, 'ServiceUnavailable', 'later');
    return true;
  };
  const found = { pod: undefined, hasRegistrySecret: false, maker: 'gone', locks: [], ageMs: 0 };
  await takeOverTask({ record, ...found }, world, signal);
  expect(runnerApi.told).toEqual(['unclaim task-1']);
});
