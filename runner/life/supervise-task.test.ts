import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { nodesPath, podsPath, secretsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { FakeKubernetesApi } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { sketchNode } from '../verdict/fixtures/nodes.ts';
import { ended, running, waits } from '../verdict/fixtures/pods.ts';
import { startTask, unsafe, withService } from './fixtures/start-task.ts';
import type { TaskContext } from './task-context.ts';

/** A job with a service, and a kubelet that ends its primary container when its Pod is deleted. */
async function startTaskWithService(exitCode: number, change: Partial<TaskContext>, lastWords?: string) {
  const atDeletion: unknown[] = [];
  const task = await startTask(({ api, kubernetes }) => {
    api.configuration = withService;
    kubernetes.api.put(secretsPath, { metadata: { name: 'logging-collector-token' } });
    kubernetes.api.intercept = ({ method, path }) => {
      if (method !== 'DELETE' || !path.startsWith(podsPath)) return false;
      const name = path.slice(podsPath.length + 1);
      const pod = kubernetes.api.get(podsPath, name) as Pod | undefined;
      if (pod === undefined) return false;
      atDeletion.push(api.told.length, ...(pod.status?.containerStatuses ?? []).map(({ state }) => state));
      const containerStatuses = [{ name: 'container-0', state: ended(exitCode, undefined, lastWords) }];
      kubernetes.api.put(podsPath, { ...(pod as StoredObject), ...{ status: { containerStatuses } } });
      return false;
    };
  }, change);
  return { ...task, atDeletion };
}

test('a Pod that may still start is gone before its task is handed back', async () => {
  let podsAtReport: readonly string[] | undefined;
  const patience = { scheduling: 1, imageError: 60_000, imagePull: 60_000, start: 60_000 };
  const { done, left } = await startTask(
    ({ api, kubernetes }) => {
      api.unclaim = async () => {
        podsAtReport = kubernetes.api.names(podsPath);
      };
    },
    { patience },
  );
  await done;
  expect(podsAtReport).toEqual([]);
  expect(left()).toEqual([]);
});

test('a task whose Pod is deleted before it has a node is handed back, even if no watch sees the end', async () => {
  const patience = { scheduling: 300, imageError: 60_000, imagePull: 60_000, start: 60_000 };
  const { done, runnerApi } = await startTask(
    ({ kubernetes: { api } }) => {
      let isDeleted = false;
      api.intercept = ({ method, path }) => {
        if (method === 'DELETE' && path.startsWith(podsPath) && !isDeleted) {
          isDeleted = true;
          api.sendToWatches('', 'end');
          api.forgetHistory();
        }
        return false;
      };
    },
    { patience },
  );
  await done;
  expect(runnerApi.told).toEqual(['unclaim task-1']);
});

test.each([
  ['is handed back if its node is ready', 'True', 'unclaim task-1'],
  ['fails if its node is lost', 'Unknown', expect.stringMatching(/^fail The Pod was deleted .*is lost/)],
])('a task whose Pod somebody deletes by force before it starts %s', async (_case, ready, told) => {
  const { api, done, kubelet, pod, runnerApi } = await startTask();
  await kubelet(waits('ContainerCreating'), { phase: 'Pending' });
  api.put(nodesPath, sketchNode(ready));
  api.remove(podsPath, (await pod()).metadata.name);
  await done;
  expect(runnerApi.told).toEqual([told]);
});

test('a task whose Pod ran fails, though a kubelet that has restarted refuses it and forgets its containers', async () => {
  const { api, done, kubelet, pod, runnerApi, waits: waiting } = await startTask();
  await kubelet(running);
  await waitFor('the task', () => waiting.length === 0);
  const status = { phase: 'Failed', reason: 'NodeAffinity', message: 'Pod was rejected' };
  api.put(podsPath, { ...(await pod()), status } as StoredObject);
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringMatching(/^fail The node refused the Pod \(NodeAffinity\)\..* restarts .* have begun\./),
  ]);
});

test('a task fails, and is not handed back, if its Pod may still start and may not be deleted', async () => {
  const patience = { scheduling: 1, imageError: 60_000, imagePull: 60_000, start: 60_000 };
  const { done, runnerApi } = await startTask(({ kubernetes }) => refuseDeletions(kubernetes.api, podsPath), {
    patience,
  });
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail No node took the Pod/)]);
});

test('a reported task is not taken over while its record may not be deleted, which is tried again', async () => {
  const { api, done, kubelet, left, pod, context } = await startTask(({ kubernetes }) =>
    refuseDeletions(kubernetes.api, secretsPath),
  );
  const { name } = (await pod()).metadata;
  await kubelet(ended(137));
  await done;
  expect([...context.watch.followed]).toEqual([name]);
  expect(left()).toEqual([name]);
  api.intercept = () => false;
  await waitFor('the end of the record', () => left().length === 0);
  await waitFor('the end of the watch', () => [...context.watch.followed].length === 0);
});

/** Takes away the right to delete these objects. */
function refuseDeletions(api: FakeKubernetesApi, collection: string): void {
  api.intercept = ({ method, path }, response) => {
    if (method !== 'DELETE' || !path.startsWith(collection)) return false;
    sendStatus(response, 403, 'Forbidden', 'no');
    return true;
  };
}

const impatient = { patience: { scheduling: 60_000, imageError: 0, imagePull: 0, start: 60_000 } };

test.each([
  ['is its to report when that has done so', 0, []],
  ['is handed back by us when that could not', 137, ['unclaim task-1']],
])('a task whose orchestrator runs loses its Pod first, and %s', async (_case, exitCode, told) => {
  const task = await startTaskWithService(exitCode, { ...unsafe, ...impatient });
  const { atDeletion, done, kubelet, left, runnerApi } = task;
  await kubelet(running, {}, { 'container-1': waits('ErrImagePull', 'connection refused') });
  await done;
  expect(atDeletion[0]).toBe(0);
  expect(runnerApi.told).toEqual(told);
  expect(left()).toEqual(['logging-collector-token']);
});

test('why a Pod was stopped is in the line of a task that its orchestrator then reports', async () => {
  const words = 'The task was handed back for another try. The Pod was deleted.';
  const { done, ends, kubelet, lines, runnerApi } = await startTaskWithService(
    0,
    { ...unsafe, ...impatient },
    words,
  );
  await kubelet(running, {}, { 'container-1': waits('ErrImagePull', 'connection refused') });
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(ends).toEqual(['image-pull-timeout']);
  expect(lines.find(({ message }) => message === 'service-work')?.fields).toMatchObject({
    end: 'handed-back',
    reason: 'image-pull-timeout',
    error: expect.stringMatching(
      /container-1.*connection refused.* The task was handed back for another try\./,
    ),
    'app.to_retry': true,
  });
});

test('a service that cannot start fails the task before its orchestrator can hand it back', async () => {
  const { atDeletion, done, kubelet, runnerApi } = await startTaskWithService(0, impatient);
  await kubelet(running, {}, { 'container-1': waits('ErrImagePull', 'b: not found') });
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail .*container-1.*b: not found/)]);
  expect(atDeletion[0]).toBe(1);
});

test('the Pod is deleted when the last output of its services is sent', async () => {
  const { atDeletion, done, kubelet, lines } = await startTaskWithService(0, {});
  await kubelet(ended(0), {}, { 'container-1': running, 'container-agent-logs': running });
  await waitFor('the end', () => lines.some(({ message }) => message === 'service-work'));
  await kubelet(ended(0), {}, { 'container-1': running, 'container-agent-logs': ended(0) });
  await done;
  expect(atDeletion).toEqual([0, ended(0), running, ended(0)]);
});

test('if Pods are kept, one that has ended stays, and its Secrets are deleted', async () => {
  const { api, done, kubelet, pod } = await startTask(undefined, { keepPods: true });
  await kubelet(ended(0));
  await done;
  expect(api.names(podsPath)).toEqual([(await pod()).metadata.name]);
  expect(api.names(secretsPath)).toEqual([]);
});

test('if Pods are kept, one whose orchestrator still runs is deleted', async () => {
  const { api, done, kubelet } = await startTaskWithService(0, { ...impatient, keepPods: true });
  await kubelet(running, {}, { 'container-1': waits('ErrImagePull', 'b: not found') });
  await done;
  expect(api.names(podsPath)).toEqual([]);
});

test('if Pods are kept, one that could not start is deleted: it would keep its port and its share of a node', async () => {
  const { api, done, kubelet, runnerApi } = await startTask(undefined, { ...impatient, keepPods: true });
  await kubelet(waits('ErrImagePull', 'a: not found'));
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail .*a: not found/)]);
  expect(api.names(podsPath)).toEqual([]);
});

test('the Secrets of a reported task are deleted before its Pod', async () => {
  const { api, done, kubelet, runnerApi } = await startTask();
  await kubelet(ended(1));
  await done;
  expect(runnerApi.told).toHaveLength(1);
  const deletions = api.requests.flatMap(({ method, path }) => (method === 'DELETE' ? [path] : []));
  expect(deletions.map((path) => path.slice(0, path.lastIndexOf('/')))).toEqual([secretsPath, podsPath]);
});

test('the containers of a cancelled task have the time that their Pod gives them', async () => {
  const { api, done, kubelet, runnerApi } = await startTask();
  await waitFor('the step', () => runnerApi.output.has(0));
  runnerApi.refusals.step = [404];
  await kubelet(running);
  await done;
  const deletion = api.requests.find(({ method, path }) => method === 'DELETE' && path.startsWith(podsPath));
  expect(deletion?.body).not.toHaveProperty('gracePeriodSeconds');
  expect(deletion?.body).toHaveProperty('preconditions.uid');
});

test('if Pods are kept, the Pod of a cancelled task is deleted', async () => {
  const { api, done, kubelet, runnerApi } = await startTask(undefined, { keepPods: true });
  await waitFor('the step', () => runnerApi.output.has(0));
  runnerApi.refusals.step = [404];
  await kubelet(running);
  await done;
  expect(api.names(podsPath)).toEqual([]);
});

test('a malformed Pod fails its own task only', async () => {
  const { api, done, pod, runnerApi } = await startTask();
  const found = await pod();
  api.put(podsPath, { ...found, spec: { containers: 'none' }, status: { conditions: 5 } } as StoredObject);
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringMatching(/^fail The container runner cannot go on with the task/),
  ]);
});
