import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test, vi } from 'vitest';
import { podsPath, secretsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { annotations } from '../names/names.ts';
import { ended, running, sketchEvent } from '../verdict/fixtures/pods.ts';
import { record } from './fixtures/taken-over-task.ts';
import { testTaskContext } from './fixtures/test-task-context.ts';
import { takeOverTask } from './take-over-task.ts';

test('a task without a Pod is handed back once the API server confirms that it never had one', async () => {
  const { api, durations, runnerApi, signal, context } = await testTaskContext();
  let failures = 2;
  api.intercept = (request, response) => {
    if (!request.path.endsWith('/events') || request.query.get('watch') === 'true' || failures-- <= 0)
      return false;
    sendStatus(response, 503, 'ServiceUnavailable', 'later');
    return true;
  };
  const found = { pod: undefined, hasRegistrySecret: false, maker: 'gone', locks: [], ageMs: 0 };
  await takeOverTask({ record, ...found }, context, signal);
  expect(runnerApi.told).toEqual(['unclaim task-1']);
  // When it was claimed is not known.
  expect(durations).toEqual([undefined]);
});

test('a Pod that appears while its events are listed runs its task', async () => {
  const { api, left, runnerApi, signal, context } = await testTaskContext();
  const put = (primary: object) =>
    api.put(podsPath, {
      metadata: {
        name: record.podName,
        annotations: { [annotations.taskId]: record.taskId, [annotations.allocation]: record.allocation },
      },
      ...{ spec: { nodeName: 'node-a', containers: [{ name: 'container-0' }] } },
      status: { phase: 'Running', containerStatuses: [{ name: 'container-0', state: primary }] },
    } as StoredObject);
  const { list } = context.podEvents;
  vi.spyOn(context.podEvents, 'list').mockImplementationOnce(async (...args) => {
    put(running);
    await list.apply(context.podEvents, args);
    return [sketchEvent('Scheduled', 'Successfully assigned', undefined, 'Normal')];
  });
  const found = { pod: undefined, hasRegistrySecret: false, maker: 'gone', locks: [], ageMs: 0 };
  const done = takeOverTask({ record, ...found }, context, signal);
  await waitFor('the step', () => runnerApi.output.size > 0);
  await waitFor('the Pod', () => api.names(podsPath).length === 1);
  put(ended(0));
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(left()).toEqual([]);
});

test('a Pod that appears after its task was taken over and reported is deleted', async () => {
  const { api, left, runnerApi, signal, context } = await testTaskContext();
  const { unclaim } = runnerApi;
  runnerApi.unclaim = async (task) => {
    const notes = { [annotations.taskId]: record.taskId, [annotations.allocation]: record.allocation };
    api.put(podsPath, {
      metadata: { name: record.podName, annotations: notes },
      status: { phase: 'Running', containerStatuses: [{ name: 'container-0', state: running }] },
    } as StoredObject);
    await unclaim.call(runnerApi, task);
  };
  const found = { pod: undefined, hasRegistrySecret: false, maker: 'gone', locks: [], ageMs: 0 };
  await takeOverTask({ record, ...found }, context, signal);
  expect(runnerApi.told).toEqual(['unclaim task-1']);
  expect(left()).toEqual([]);
  const deletion = api.requests.find(({ method, path }) => method === 'DELETE' && path.startsWith(podsPath));
  expect(deletion?.body).toMatchObject({ gracePeriodSeconds: 0 });
});

test.each([
  ['has long waited for a node', 600_000, 30_000],
  ['has waited for a node for ten seconds', 10_000, 50_000],
])(
  'a Pod that %s waits for the rest of its time, but half a minute at least',
  async (_which, ageMs, restMs) => {
    const { api, runnerApi, signal, context } = await testTaskContext();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const creationTimestamp = new Date(Date.now() - ageMs).toISOString();
    const pod = api.put(podsPath, {
      metadata: { name: record.podName, uid: 'uid-of-pod', creationTimestamp },
      ...{ spec: { containers: [{ name: 'container-0' }] }, status: { phase: 'Pending' } },
    } as StoredObject) as Pod;
    const found = { pod, hasRegistrySecret: false, maker: 'gone', locks: [], ageMs };
    takeOverTask({ record, ...found }, context, signal).catch(() => {}); // It waits until the end of the test.
    // The API server tells its time in whole seconds.
    const isRest = (ms = 0) => ms > restMs - 2000 && ms < restMs + 2000;
    await waitFor('the timer', () => timers.mock.calls.some(([, ms]) => isRest(ms)));
    expect(runnerApi.told).toEqual([]);
  },
);

test('the lock of a task stays as long as its record, for the sweeps of others', async () => {
  const { api, runnerApi, signal, context } = await testTaskContext();
  api.put(secretsPath, { metadata: { name: record.podName } });
  api.put(secretsPath, { metadata: { name: 'the-lock' } });
  api.intercept = ({ method, path }, response) => {
    const isRecord = method === 'DELETE' && path === `${secretsPath}/${record.podName}`;
    if (isRecord) sendStatus(response, 403, 'Forbidden', 'no');
    return isRecord;
  };
  const found = { pod: undefined, hasRegistrySecret: false, maker: 'gone', locks: ['the-lock'], ageMs: 0 };
  await takeOverTask({ record, ...found }, context, signal);
  expect(runnerApi.told).toEqual(['unclaim task-1']);
  expect(api.names(secretsPath)).toEqual([record.podName, 'the-lock']);
  api.intercept = () => false;
  await waitFor('the end of both', () => api.names(secretsPath).length === 0);
});
