import { expect, test } from 'vitest';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { ended, running } from '../verdict/fixtures/pods.ts';
import { pods, secrets, startSweeping, task } from './fixtures/start-sweeping.ts';
import { sweep } from './sweep.ts';

test('takes over no Pod that only has the name of the task', async () => {
  const { addController, addTask, api, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  await addTask('gone', { pod: false });
  api.put(pods, { metadata: { name: task, ...{ labels: { app: 'of-somebody-else' } } } });
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toMatchObject([{ record: { taskId: '1b1c' }, pod: undefined }]);
});

test('takes over tasks of the first version of this program', async () => {
  const { api, signal, contextOf, tasks } = await startSweeping();
  const metadata = {
    name: task,
    labels: { 'app.kubernetes.io/managed-by': 'circleci-container-agent', 'container-agent-instance': 'us' },
    annotations: {
      'app.circleci.com/task-id': '1b1c',
      'app.circleci.com/allocation': 'allocation',
      'app.circleci.com/resource-class': 'my/class',
      'app.circleci.com/unsafe-retries': 'true',
    },
  };
  api.put(pods, { metadata });
  api.put(secrets, { metadata, ...{ data: { config: btoa('{}'), 'task-token': btoa('token') } } });
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toMatchObject([
    {
      record: {
        ...{ podName: task, taskId: '1b1c', allocation: 'allocation', resourceClass: 'my/class' },
        ...{ token: 'token', unsafeRetries: true },
      },
      pod: { metadata: { name: task } },
    },
  ]);
});

/** Lets no Secret be created, as a ResourceQuota does. */
function fillQuota({ api }: Awaited<ReturnType<typeof startSweeping>>) {
  api.intercept = ({ method, path }, response) => {
    const isFull = method === 'POST' && path === secrets;
    if (isFull) sendStatus(response, 403, 'Forbidden', 'secrets "x" is forbidden: exceeded quota: compute');
    return isFull;
  };
}

test.each([
  ['whose orchestrator has reported', ended(0), 0, []],
  ['that is old, but runs', running, 7_200_000, [task]],
  ['whose end is not known', running, 0, [task]],
])('with no room for locks, the Secrets of a task %s make room', async (_title, state, ageMs, left) => {
  const namespace = await startSweeping();
  const { addController, addTask, api, lines, signal, contextOf, tasks } = namespace;
  addController('us');
  await addTask('gone-1');
  const pod = api.get(pods, task);
  api.put(pods, { ...pod, status: { containerStatuses: [{ name: 'container-0', state }] } } as never);
  const secret = api.get(secrets, task);
  const creationTimestamp = new Date(Date.now() - ageMs).toISOString();
  api.put(secrets, { ...secret, metadata: { ...secret?.metadata, creationTimestamp } } as never);
  fillQuota(namespace);
  expect(await sweep(contextOf('us'), signal, signal)).toBe(left.length === 0);
  expect(tasks).toEqual([]);
  expect(api.names(secrets)).toEqual(left);
  expect(lines.some(({ message }) => /could not be taken over/.test(message))).toBe(left.length > 0);
});

test('a task whose Secret has lost its token is named, and its Secret goes when it is old', async () => {
  const { addTask, api, lines, signal, contextOf, tasks } = await startSweeping();
  await addTask('us');
  const secret = api.get(secrets, task);
  api.put(secrets, { ...secret, ...{ data: {} } } as never);
  await sweep(contextOf('us'), signal, signal);
  expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('a task is lost') }]);
  expect(api.names(secrets)).toEqual([task]);
  const old = { ...contextOf('us'), oldMs: -10_000 };
  const pod = api.get(pods, task);
  const setState = (state: object) =>
    api.put(pods, { ...pod, status: { containerStatuses: [{ name: 'container-0', state }] } } as never);
  setState(running);
  await sweep(old, signal, signal);
  expect(api.names(secrets)).toEqual([task]);
  setState(ended(1));
  await sweep(old, signal, signal);
  await sweep(old, signal, signal);
  expect([tasks, api.names(secrets), api.names(pods)]).toEqual([[], [], []]);
});

test('takes over nothing that has ended since it was listed, and leaves no lock', async () => {
  const { addController, addTask, api, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  await addTask('gone-1');
  api.intercept = ({ method, path }) => {
    if (method === 'POST' && path === secrets) api.remove(secrets, task);
    return false;
  };
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toEqual([]);
  expect(api.names(secrets)).toEqual([]);
});
