import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test, vi } from 'vitest';
import { nodesPath, podsPath, secretsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendJson, sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { annotations } from '../pod/names.ts';
import { SshPorts } from '../ssh/ssh-ports.ts';
import { sketchNode } from '../verdict/fixtures/nodes.ts';
import { ended, running, sketchEvent } from '../verdict/fixtures/pods.ts';
import { openGate } from './fixtures/open-gate.ts';
import { testTaskContext } from './fixtures/test-task-context.ts';
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

const minuteMs = 60_000;
const start = sketchEvent('Started', 'Started container', 'container-0', 'Normal');
const started = { ...start, involvedObject: { ...start.involvedObject, name: record.podName } };

test.each<[string, readonly string[], number, string]>([
  ['never had a node', ['FailedScheduling', 'TriggeredScaleUp'], minuteMs, 'unclaim task-1'],
  ['had a node', ['FailedScheduling', 'Scheduled'], minuteMs, 'fail The Pod was deleted'],
  ['was seen by a kubelet', ['FailedScheduling', 'Pulling'], minuteMs, 'fail The Pod was deleted'],
  ['was there long ago', ['FailedScheduling'], 31 * minuteMs, 'fail The Pod was deleted'],
])('of a task whose Pod is gone and %s, the events tell', async (_case, reasons, ageMs, told) => {
  const { api, runnerApi, signal, context } = await testTaskContext();
  for (const reason of reasons)
    api.put('/api/v1/namespaces/runner/events', {
      metadata: { name: reason },
      ...{ reason, involvedObject: { kind: 'Pod', name: record.podName } },
    } as StoredObject);
  const found = { pod: undefined, hasRegistrySecret: false, maker: 'gone', locks: [], ageMs };
  await takeOverTask({ record, ...found }, context, signal);
  expect(runnerApi.told).toEqual([expect.stringContaining(told)]);
});

test('a task without a Pod may have begun if the API server refuses the events', async () => {
  const { runnerApi, signal, context } = await testTaskContext();
  vi.spyOn(context.podEvents, 'list').mockRejectedValue(new Error('no right to list events'));
  const found = { pod: undefined, hasRegistrySecret: false, maker: 'gone', locks: [], ageMs: minuteMs };
  await takeOverTask({ record, ...found }, context, signal);
  expect(runnerApi.told).toEqual([expect.stringContaining('fail The Pod was deleted')]);
});

/** Takes over a task with an SSH port that another Pod has, too. Its primary container has this state. */
async function takeOverSshTask(
  state: object | undefined,
  isShared = true,
  test?: Awaited<ReturnType<typeof testTaskContext>>,
) {
  const made = test ?? (await testTaskContext());
  const { api, client, left, runnerApi, signal } = made;
  const context = {
    ...made.context,
    ssh: new SshPorts(client, { gateway: 'the-gate', service: '' }, signal),
  };
  openGate(made, isShared);
  const pod = api.put(podsPath, {
    metadata: { name: record.podName, uid: 'uid-of-pod' },
    spec: { nodeName: 'node-a', containers: [{ name: 'container-0', ports: [{ name: 'ssh-54782' }] }] },
    status: { phase: 'Pending', containerStatuses: state && [{ name: 'container-0', state }] },
  } as StoredObject) as Pod;
  const found = { pod, hasRegistrySecret: false, maker: 'gone', locks: [], ageMs: 0 };
  const done = takeOverTask({ record, ...found }, context, signal);
  const end = () =>
    api.put(podsPath, {
      ...pod,
      status: { phase: 'Succeeded', containerStatuses: [{ name: 'container-0', state: ended(0) }] },
    } as StoredObject);
  return { api, done, end, left, runnerApi };
}

test('a task that has not started is handed back if another one has its SSH port', async () => {
  const { done, left, runnerApi } = await takeOverSshTask(undefined);
  await done;
  expect(runnerApi.told).toEqual(['unclaim task-1']);
  expect(left()).toEqual(['rival']);
});

test('a task that has not started fails if another one has its SSH port, and its node is lost', async () => {
  const { api, done, runnerApi } = await takeOverSshTask(undefined);
  api.put(nodesPath, sketchNode('Unknown'));
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail .*the SSH port 54782 .*is lost/)]);
});

test('a task that has started, as only events show, keeps its SSH port even if another one has it', async () => {
  const made = await testTaskContext();
  const { answer, asked } = holdEventLists(made);
  const { api, done, end, runnerApi } = await takeOverSshTask(undefined, true, made);
  const listsPorts = ({ path, query }: (typeof api.requests)[number]) =>
    path === podsPath && query.has('labelSelector');
  await asked();
  await waitFor('a list of the ports', () => api.requests.some(listsPorts));
  await pause(50);
  answer([started]);
  await pause(50);
  expect(api.names(podsPath)).toContain(record.podName);
  end();
  await done;
  expect(runnerApi.told).toEqual([]);
});

test.each<[string, object | undefined, boolean]>([
  ['has started keeps its SSH port even if another one has it', running, true],
  ['has not started keeps an SSH port that nobody else has', undefined, false],
])('a task that %s', async (_case, state, isShared) => {
  const { api, done, end, runnerApi } = await takeOverSshTask(state, isShared);
  await waitFor('the step', () => [...runnerApi.output.values()].join('').includes('was taken over by'));
  expect(api.names(podsPath)).toContain(record.podName);
  end();
  await done;
  expect(runnerApi.told).toEqual([]);
});

test('a task whose container has an unknown end counts as begun, as its kubelet may have dropped events', async () => {
  const { api, runnerApi, signal, context } = await testTaskContext();
  const state = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } };
  const pod = api.put(podsPath, {
    metadata: { name: record.podName, uid: 'uid-of-pod' },
    spec: { nodeName: 'node-a', containers: [{ name: 'container-0' }] },
    status: { phase: 'Failed', containerStatuses: [{ name: 'container-0', state }] },
  } as StoredObject) as Pod;
  const pulling = sketchEvent('Pulling', 'Pulling image "x"', 'container-0', 'Normal');
  const involvedObject = { ...pulling.involvedObject, name: record.podName };
  api.put('/api/v1/namespaces/runner/events', { ...pulling, involvedObject } as StoredObject);
  const found = { pod, hasRegistrySecret: false, maker: 'gone', locks: [], ageMs: minuteMs };
  await takeOverTask({ record, ...found }, context, signal);
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail .*Nobody knows how it ended/)]);
});

const refused = { phase: 'Failed', reason: 'NodeAffinity', message: 'Pod was rejected' };

/** A context, and a function that finds the Pod of a task in a state. */
async function testPodContext() {
  const test = await testTaskContext();
  const putPod = (status: object) =>
    test.api.put(podsPath, {
      metadata: { name: record.podName, uid: 'uid-of-pod' },
      spec: { nodeName: 'node-a', containers: [{ name: 'container-0' }] },
      status,
    } as StoredObject) as Pod;
  const findPod = (status: object) => ({
    pod: putPod(status),
    ...{ hasRegistrySecret: false, maker: 'gone', locks: [], ageMs: minuteMs },
  });
  return { ...test, findPod, putPod };
}

test.each([
  ['a moment ago', minuteMs, [], 'unclaim task-1'],
  [
    'a moment ago, and whose container has started',
    minuteMs,
    [started],
    expect.stringMatching(/^fail The node refused the Pod/),
  ],
  [
    'a moment ago, and whose events are refused',
    minuteMs,
    'no right to list events',
    expect.stringMatching(/^fail The node refused the Pod/),
  ],
  ['long ago', 31 * minuteMs, [], expect.stringMatching(/^fail The node refused the Pod/)],
])(
  'a task that was created %s, whose Pod a kubelet has refused, may have begun, or not',
  async (_case, ageMs, events, told) => {
    const { findPod, runnerApi, signal, context } = await testPodContext();
    const list = vi.spyOn(context.podEvents, 'list');
    if (typeof events === 'string') list.mockRejectedValue(new Error(events));
    else list.mockResolvedValue(events);
    const found = { ...findPod(refused), ageMs };
    await takeOverTask({ record, ...found }, context, signal);
    expect(runnerApi.told).toEqual([told]);
  },
);

/** Holds each list of events back, until it is told what to answer. */
function holdEventLists({ api }: Pick<Awaited<ReturnType<typeof testTaskContext>>, 'api'>) {
  const held: ServerResponse[] = [];
  api.intercept = ({ path, query }, response) => {
    const holds = path.endsWith('/events') && query.get('watch') !== 'true';
    if (holds) held.push(response);
    return holds;
  };
  const asked = () => waitFor('a list of events', () => held.length > 0);
  const answer = (items: readonly object[]) => {
    for (const response of held.splice(0))
      sendJson(response, 200, { kind: 'EventList', metadata: {}, items });
  };
  return { answer, asked };
}

test('a Pod that has failed is judged when the events before the taking over are known', async () => {
  const { findPod, runnerApi, signal, context, ...rest } = await testPodContext();
  const { answer, asked } = holdEventLists(rest);
  const done = takeOverTask({ record, ...findPod(refused) }, context, signal);
  await asked();
  await pause(50);
  expect(runnerApi.told).toEqual([]);
  answer([{ metadata: null, involvedObject: started.involvedObject }, started]);
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail The node refused the Pod/)]);
});

test('a task that ends well does not wait for events', async () => {
  const { findPod, putPod, runnerApi, signal, context, ...rest } = await testPodContext();
  const { asked } = holdEventLists(rest);
  const done = takeOverTask({ record, ...findPod({ phase: 'Running' }) }, context, signal);
  await asked();
  putPod({ phase: 'Succeeded', containerStatuses: [{ name: 'container-0', state: ended(0) }] });
  await done;
  expect(runnerApi.told).toEqual([]);
});

test('a Pod that vanishes before the events are known was seen to end', async () => {
  const { api, findPod, putPod, runnerApi, signal, context, ...rest } = await testPodContext();
  const { answer, asked } = holdEventLists({ ...rest, api });
  const done = takeOverTask({ record, ...findPod({ phase: 'Pending' }) }, context, signal);
  await asked();
  putPod(refused);
  api.remove(podsPath, record.podName);
  await pause(50);
  answer([]);
  await done;
  expect(runnerApi.told).toEqual(['unclaim task-1']);
});

test('a task that is cancelled before the events are known is only cleaned up', async () => {
  const { findPod, left, runnerApi, signal, context, ...rest } = await testPodContext();
  holdEventLists(rest);
  runnerApi.refusals.step = [404];
  await takeOverTask({ record, ...findPod({ phase: 'Pending' }) }, context, signal);
  expect({ told: runnerApi.told, left: left() }).toEqual({ told: [], left: [] });
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
