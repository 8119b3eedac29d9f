import { setTimeout as pause } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { nodesPath, podsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { SshPorts } from '../ssh/ssh-ports.ts';
import { sketchNode } from '../verdict/fixtures/nodes.ts';
import { ended, running } from '../verdict/fixtures/pods.ts';
import { openGate } from './fixtures/open-gate.ts';
import { holdEventLists, record, started } from './fixtures/taken-over-task.ts';
import { testTaskContext } from './fixtures/test-task-context.ts';
import { takeOverTask } from './take-over-task.ts';

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
