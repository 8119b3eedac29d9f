import { expect, test } from 'vitest';
import { nodesPath, podsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ClassPauses } from '../claims/class-pauses.ts';
import { sketchNode } from '../verdict/fixtures/nodes.ts';
import { ended, notFound, waits } from '../verdict/fixtures/pods.ts';
import { doubtingPolicy } from './fixtures/recording-runner-api.ts';
import { startTask } from './fixtures/start-task.ts';
import type { testTaskContext } from './fixtures/test-task-context.ts';

test('a class rests when its tasks fail one after the other without a Pod, until one begins', async () => {
  const pauses = new ClassPauses();
  const bad = () =>
    startTask(
      ({ api }) => {
        api.configuration = { task_id: 'task-1', docker: [] };
      },
      { pauses },
    );
  for (let n = 0; n < 3; n++) {
    expect(pauses.reasonOf('a.b')).toBeUndefined();
    await (await bad()).done;
  }
  expect(pauses.reasonOf('a.b')).toBe('3 tasks in a row have ended before they began');
  const { done, kubelet } = await startTask(undefined, { pauses });
  await kubelet(ended(0));
  await done;
  expect(pauses.reasonOf('a.b')).toBeUndefined();
});

test('a class rests when the Pods of its tasks fail one after the other, unless one begins or the job is at fault', async () => {
  const pauses = new ClassPauses();
  const patience = { scheduling: 60_000, imageError: 0, imagePull: 60_000, start: 60_000 };
  const pauseAtReport = async (state: object, status: object = {}) => {
    const { done, kubelet, runnerApi } = await startTask(undefined, { pauses, patience });
    let reason: string | undefined;
    runnerApi.onTold = () => {
      reason = pauses.reasonOf('a.b');
    };
    await kubelet(state, status);
    await done;
    expect(runnerApi.told).toHaveLength(1);
    return reason;
  };
  const refused = { phase: 'Failed', reason: 'UnexpectedAdmissionError', message: 'no such device' };
  const broken = () => pauseAtReport(waits(''), refused);
  expect(await broken()).toBeUndefined();
  expect(await pauseAtReport(waits('ErrImagePull', notFound))).toBeUndefined();
  expect(await broken()).toBeUndefined();
  expect(await pauseAtReport(ended(1))).toBeUndefined();
  expect(await broken()).toBeUndefined();
  expect(await broken()).toBeUndefined();
  expect(await broken()).toBe('3 tasks in a row have ended before they began');
});

test('a class claims nothing while two of its tasks have no configuration', async () => {
  const pauses = new ClassPauses();
  const begin = () =>
    startTask(
      ({ api }) => {
        api.refusals.taskConfiguration = Array.from({ length: 100_000 }, () => 403);
      },
      { pauses, callPolicy: doubtingPolicy },
    );
  const one = await begin();
  const isUnread = ({ message }: { message: string }) => message.includes('could not be read yet');
  await waitFor('the trouble of the first task', () => one.lines.some(isUnread));
  expect(pauses.reasonOf('a.b')).toBeUndefined();
  const tasks = [one, await begin()];
  const reason = 'the configurations of its tasks cannot be read';
  await waitFor('the pause', () => pauses.reasonOf('a.b') === reason);
  for (const { done, kubelet, runnerApi } of tasks) {
    runnerApi.refusals.taskConfiguration = [];
    await kubelet(ended(0));
    await done;
    expect(pauses.reasonOf('a.b')).toBeUndefined();
  }
});

test('a class rests when its Pods do not start, whatever follows for their tasks', async () => {
  const pauses = new ClassPauses();
  const patience = { scheduling: 60_000, imageError: 60_000, imagePull: 60_000, start: 0 };
  const fates: ((fakes: Awaited<ReturnType<typeof testTaskContext>>) => void)[] = [
    // The Pods may not be deleted.
    ({ api }) => {
      api.intercept = ({ method, path }, response) => {
        const isRefused = method === 'DELETE' && path.startsWith(podsPath);
        if (isRefused) sendStatus(response, 422, 'Invalid', 'a policy');
        return isRefused;
      };
    },
    // Their node is lost.
    ({ api }) => api.put(nodesPath, sketchNode('Unknown')),
    () => undefined,
  ];
  for (const prepare of fates) {
    const { done, kubelet } = await startTask(({ kubernetes }) => prepare(kubernetes), { pauses, patience });
    await kubelet(waits('ContainerCreating'), { phase: 'Pending' });
    await done;
  }
  expect(pauses.reasonOf('a.b')).toBe('3 tasks in a row have ended before they began');
});

test('a task whose orchestrator starts while its Pod is stopped has begun after all', async () => {
  const pauses = new ClassPauses();
  const patience = { scheduling: 60_000, imageError: 60_000, imagePull: 60_000, start: 0 };
  for (let n = 0; n < 4; n++) {
    const { api, done, kubelet, runnerApi } = await startTask(undefined, { pauses, patience });
    api.intercept = ({ method, path }) => {
      const pod = api.get(podsPath, path.slice(podsPath.length + 1));
      if (method !== 'DELETE' || pod === undefined) return false;
      const containerStatuses = [{ name: 'container-0', state: ended(137) }];
      api.put(podsPath, { ...pod, ...{ status: { containerStatuses } } });
      return false;
    };
    await kubelet(waits('ContainerCreating'), { phase: 'Pending' });
    await done;
    expect(runnerApi.told).toEqual([expect.stringMatching(/^fail /)]);
  }
  expect(pauses.reasonOf('a.b')).toBeUndefined();
});
