import { setTimeout as pause } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test, vi } from 'vitest';
import { podsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { ended, sketchEvent } from '../verdict/fixtures/pods.ts';
import { holdEventLists, minuteMs, record, started } from './fixtures/taken-over-task.ts';
import { testTaskContext } from './fixtures/test-task-context.ts';
import { takeOverTask } from './take-over-task.ts';

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
