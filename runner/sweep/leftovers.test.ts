import { expect, test } from 'vitest';
import { sendJson } from '../../internal/dev/kubernetes-api/answers.ts';
import { annotations, labels, managedBy } from '../names/names.ts';
import { pods, startSweeping, task } from './fixtures/start-sweeping.ts';
import { sweep } from './sweep.ts';

test.each([
  ['deletes a Pod by force that its node has not ended in its time', -61, [0]],
  ['leaves a Pod alone that has time to end', 5, []],
  ['leaves a Pod alone whose node may only be late', -30, []],
])('%s, if its task is over', async (_title, seconds, graceSeconds) => {
  const { addController, addTask, api, signal, contextOf } = await startSweeping();
  addController('us');
  await addTask('us', { secret: false });
  const deletionTimestamp = new Date(Date.now() + seconds * 1000).toISOString();
  const pod = api.get(pods, task);
  api.put(pods, { ...pod, metadata: { ...pod?.metadata, deletionTimestamp } } as never);
  await sweep(contextOf('us'), signal, signal);
  const deletions = api.requests.filter(({ method }) => method === 'DELETE');
  expect(deletions.map(({ body }) => (body as { gracePeriodSeconds?: number }).gracePeriodSeconds)).toEqual(
    graceSeconds,
  );
});

test('deletes the Pod that it has found, and no later one with its name', async () => {
  const { addController, addTask, api, signal, contextOf } = await startSweeping();
  addController('us');
  await addTask('us', { secret: false });
  const uid = api.get(pods, task)?.metadata.uid;
  expect(uid).toBeTypeOf('string');
  await sweep(contextOf('us'), signal, signal);
  const deletions = api.requests.filter(({ method }) => method === 'DELETE');
  expect(deletions.map(({ body }) => body)).toMatchObject([{ preconditions: { uid } }]);
});

test('deletes the objects of a task that is over', async () => {
  const { addTask, api, deleted, signal, contextOf, tasks } = await startSweeping();
  await addTask('us', { secret: false });
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toEqual([]);
  expect(deleted).toEqual(['pod']);
  expect(api.names(pods)).toEqual([]);
});

test.each<[string, object, readonly string[]]>([
  ['leaves a Pod alone that runs', { running: {} }, []],
  ['deletes a Pod that has ended', { terminated: { exitCode: 0 } }, ['pod']],
  ['deletes a Pod that cannot start', { waiting: { reason: 'CreateContainerConfigError' } }, ['pod']],
])('%s, if its Secret is gone', async (_title, state, expected) => {
  const { addTask, api, deleted, signal, contextOf } = await startSweeping();
  await addTask('us', { secret: false });
  const containerStatuses = [{ name: 'container-0', state }];
  api.put(pods, { ...api.get(pods, task), status: { containerStatuses } } as never);
  expect(await sweep(contextOf('us'), signal, signal)).toBe(true);
  expect(deleted).toEqual(expected);
});

test('a Pod that somebody has deleted or made again since the list is left alone', async () => {
  const { addTask, api, deleted, signal, contextOf } = await startSweeping();
  await addTask('us', { secret: false });
  await addTask('us', { id: '2', secret: false });
  api.intercept = ({ method, path }) => {
    const name = path.slice(`${pods}/`.length);
    const pod = api.get(pods, name);
    if (method !== 'GET' || pod === undefined) return false;
    const change = name === task ? { uid: 'another' } : { deletionTimestamp: new Date().toISOString() };
    api.put(pods, { ...pod, metadata: { ...pod.metadata, ...change } } as never);
    return false;
  };
  await sweep(contextOf('us'), signal, signal);
  expect(deleted).toEqual([]);
  expect(api.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
});

test('deletes nothing if garbage collection is off', async () => {
  const { addTask, deleted, signal, contextOf } = await startSweeping({ collects: false });
  await addTask('us', { secret: false });
  await sweep(contextOf('us'), signal, signal);
  expect(deleted).toEqual([]);
});

test('a Pod that stays because of a finalizer of others does not count as deleted', async () => {
  const { api, deleted, lines, signal, contextOf } = await startSweeping();
  const pod = api.put(pods, {
    metadata: {
      name: 'ccita-kept',
      labels: { [labels.managedBy]: managedBy, [labels.instance]: 'us' },
      annotations: { [annotations.taskId]: '1' },
      deletionTimestamp: new Date(0).toISOString(),
      finalizers: ['example.com/queue'],
    },
  } as never);
  api.intercept = ({ method }, response) => {
    if (method !== 'DELETE') return false;
    sendJson(response, 200, pod);
    return true;
  };
  await sweep(contextOf('us'), signal, signal);
  expect(deleted).toEqual([]);
  expect(lines).toEqual([
    {
      level: 'warn',
      message: 'what was left of a task stays until its finalizers are removed',
      fields: { kind: 'pod', name: 'ccita-kept', finalizers: ['example.com/queue'] },
    },
  ]);
});

test('measures the age of objects by the clock of the API server', async () => {
  const { api, deleted, signal, contextOf } = await startSweeping();
  const twoHoursMs = 7_200_000;
  const createdMs = Date.now() - twoHoursMs;
  api.put(pods, {
    metadata: {
      name: 'ccita-of-nobody',
      labels: { [labels.managedBy]: managedBy },
      creationTimestamp: new Date(createdMs).toISOString(),
    },
  } as never);
  api.intercept = (_request, response) => {
    response.setHeader('Date', new Date(createdMs).toUTCString());
    return false;
  };
  await sweep(contextOf('us'), signal, signal);
  expect(deleted).toEqual([]);
  api.intercept = () => false;
  await sweep(contextOf('us'), signal, signal);
  expect(deleted).toEqual(['pod']);
});
