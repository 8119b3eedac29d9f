import { expect, test } from 'vitest';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { TakenOverTask } from '../life/take-over-task.ts';
import { labels, managedBy } from '../names/names.ts';
import { pods, secrets, startSweeping, task } from './fixtures/start-sweeping.ts';
import { lockName } from './lock.ts';
import { sweep } from './sweep.ts';

test('takes over the task of an instance that is gone, once among all replicas', async () => {
  const { addController, addTask, api, signal, contextOf, tasks } = await startSweeping();
  addController('us-1');
  addController('us-2');
  await addTask('gone-1');
  const others: TakenOverTask[] = [];
  await Promise.all([
    sweep(contextOf('us-1'), signal, signal),
    sweep(
      { ...contextOf('us-2'), watched: () => [], onTask: (taken) => void others.push(taken) },
      signal,
      signal,
    ),
  ]);
  expect([...tasks, ...others]).toMatchObject([
    {
      record: { taskId: '1b1c', token: 'token-of-the-task' },
      pod: { metadata: { name: task } },
      maker: 'gone-1',
      locks: [lockName(task, 'gone-1')],
    },
  ]);
  expect(api.names(secrets)).toContain(lockName(task, 'gone-1'));
});

test('takes over its own task after a restart', async () => {
  const { addTask, signal, contextOf, tasks } = await startSweeping();
  await addTask('us', { pod: false });
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toMatchObject([{ record: { taskId: '1b1c' }, pod: undefined, locks: [] }]);
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toHaveLength(1);
});

test('counts an instance whose Pod was evicted as gone', async () => {
  const { addController, addTask, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  addController('evicted', 'Failed');
  await addTask('evicted');
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toHaveLength(1);
});

test.each([
  ['counts an instance as gone that its node has not ended in its time', -61, 1],
  ['leaves the tasks of an instance that has time to end to it', 300, 0],
])('%s', async (_title, seconds, taken) => {
  const { addController, addTask, api, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  await addTask('terminating');
  const deletionTimestamp = new Date(Date.now() + seconds * 1000).toISOString();
  api.put(pods, {
    metadata: { name: 'terminating', deletionTimestamp },
    status: { phase: 'Running' },
  } as never);
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toHaveLength(taken);
});

test.each([
  ['begins', [[], [task]]],
  ['ends', [[task], []]],
])('leaves a task alone that this process %s while the objects are listed', async (_case, looks) => {
  const left = looks.values();
  const watched = () => left.next().value ?? [];
  const { addTask, deleted, signal, contextOf, tasks } = await startSweeping({ watched });
  await addTask('us');
  await sweep(contextOf('us'), signal, signal);
  expect([tasks, deleted]).toEqual([[], []]);
});

test('takes over its own tasks even if a drain begins meanwhile, and leaves the rest to others', async () => {
  const { addController, addTask, api, signal, contextOf, tasks } = await startSweeping();
  for (const name of ['us', 'alive']) addController(name);
  const own = Array.from({ length: 30 }, (_, index) => `${10 + index}b`);
  for (const id of own) await addTask('us', { id });
  await addTask('gone-1', { id: '99b' });
  const draining = new AbortController();
  api.intercept = ({ method, path }) => {
    if (method === 'GET' && path.startsWith(`${secrets}/`)) draining.abort();
    return false;
  };
  await sweep(contextOf('us'), draining.signal, signal);
  expect(tasks.map(({ record }) => record.taskId).sort()).toEqual(own);
  expect(api.names(secrets).some((name) => name.startsWith('ccita-lock'))).toBe(false);
});

test('takes over only its own tasks if the drain has already begun', async () => {
  const { addController, addTask, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  await addTask('us');
  await addTask('gone-1', { id: '99b' });
  await sweep(contextOf('us'), AbortSignal.abort(), signal);
  expect(tasks.map(({ record }) => record.taskId)).toEqual(['1b1c']);
});

test('takes over other tasks while the API server does not answer about one', async () => {
  const { addTask, api, signal, contextOf, tasks } = await startSweeping();
  await addTask('us');
  await addTask('us', { id: '2b2c' });
  const otherTaken = Promise.withResolvers<void>();
  api.intercept = async ({ method, path }) => {
    if (method === 'GET' && path === `${secrets}/${task}`) await otherTaken.promise;
    return false;
  };
  const onTask = (taken: TakenOverTask) => {
    tasks.push(taken);
    if (taken.record.taskId === '2b2c') otherTaken.resolve();
  };
  await sweep({ ...contextOf('us'), onTask }, signal, signal);
  expect(tasks.map(({ record }) => record.taskId)).toEqual(['2b2c', '1b1c']);
});

test('leaves a running replica its tasks', async () => {
  const { addController, addTask, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  addController('alive');
  await addTask('alive');
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toEqual([]);
});

test('leaves a replica its tasks when a load balancer does not find the API server', async () => {
  const { addController, addTask, api, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  addController('alive');
  await addTask('alive');
  api.intercept = ({ path }, response) => {
    if (path === `${pods}/alive`) response.writeHead(404).end('default backend - 404');
    return path === `${pods}/alive`;
  };
  await expect(sweep(contextOf('us'), signal, signal)).rejects.toMatchObject({ name: 'NoAnswerError' });
  expect(tasks).toEqual([]);
});

test('a Secret that a finalizer keeps does not bring its task back', async () => {
  const { addController, addTask, api, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  await addTask('us', { pod: false });
  await addTask('gone-1', { id: '2b2c', pod: false });
  for (const name of api.names(secrets)) {
    const secret = api.get(secrets, name);
    const metadata = { ...secret?.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/b'] };
    api.put(secrets, { ...secret, metadata } as never);
  }
  const before = api.names(secrets);
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toEqual([]);
  expect(api.names(secrets)).toEqual(before);
});

test('a conflict that is not about the lock leaves the task to the next sweep', async () => {
  const { addController, addTask, api, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  await addTask('gone-1');
  let conflicts = 1;
  api.intercept = ({ method, path }, response) => {
    const conflicted = method === 'POST' && path === secrets && conflicts-- > 0;
    if (conflicted)
      sendStatus(response, 409, 'Conflict', 'Operation cannot be fulfilled on resourcequotas "q"');
    return conflicted;
  };
  expect(await sweep(contextOf('us'), signal, signal)).toBe(false);
  expect(tasks).toEqual([]);
  expect(await sweep(contextOf('us'), signal, signal)).toBe(true);
  expect(tasks).toHaveLength(1);
});

test('counts no instance as gone if controllers are not Pods of this namespace', async () => {
  const { addTask, lines, signal, contextOf, tasks } = await startSweeping();
  await addTask('elsewhere');
  expect(await sweep(contextOf('us'), signal, signal)).toBe(false);
  expect(tasks).toEqual([]);
  expect(lines).toMatchObject([
    { level: 'warn', message: expect.stringContaining('tasks of other instances are not taken over') },
  ]);
});

test('an empty label of an instance is the object of somebody else', async () => {
  const { addController, addTask, api, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  addController('other');
  await addTask('gone-1');
  const metadata = { labels: { [labels.managedBy]: managedBy, [labels.instance]: '' } };
  api.put(pods, { metadata: { name: 'ccita-1', ...metadata } } as never);
  api.put(secrets, { metadata: { name: 'ccita-2', ...metadata } } as never);
  await sweep(contextOf('us'), signal, signal);
  expect(tasks).toHaveLength(1);
  expect(api.requests.map(({ path }) => path)).not.toContain(`${pods}/`);
});

test('of tasks that are not over, no whole object is read', async () => {
  const { addController, addTask, api, signal, contextOf } = await startSweeping();
  for (const name of ['us', 'alive']) addController(name);
  for (const id of ['1b', '2b']) await addTask('alive', { id });
  await addTask('us', { id: '3b' });
  await sweep(
    { ...contextOf('us'), watched: () => api.names(pods).filter((name) => name.includes('3b')) },
    signal,
    signal,
  );
  const read = api.requests.filter(({ method }) => method === 'GET');
  expect(
    read.filter(({ accept }) => !accept?.includes('PartialObjectMetadata')).map(({ path }) => path),
  ).toEqual([`${pods}/us`, `${pods}/alive`]);
});

test('says what failed, continues, and the next sweep tries again', async () => {
  const { addController, addTask, api, deleted, lines, signal, contextOf, tasks } = await startSweeping();
  addController('us');
  await addTask('gone-1');
  await addTask('us', { id: '2', secret: false });
  api.intercept = ({ method }, response) => {
    if (method === 'GET') return false;
    sendStatus(response, 500, 'InternalError', 'etcd is slow');
    return true;
  };
  expect(await sweep(contextOf('us'), signal, signal)).toBe(false);
  expect(tasks).toEqual([]);
  expect(deleted).toEqual([]);
  const warnings = lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  expect(warnings.toSorted()).toEqual([
    'a task could not be taken over; the next sweep tries again',
    'what was left of a task could not be deleted; the next sweep tries again',
  ]);
  api.intercept = () => false;
  expect(await sweep(contextOf('us'), signal, signal)).toBe(true);
  expect(tasks).toHaveLength(1);
  expect(deleted).toEqual(['pod']);
});
