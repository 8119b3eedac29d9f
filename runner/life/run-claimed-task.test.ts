import { expect, test } from 'vitest';
import { podsPath, secretsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { emptyClass, type ResourceClass } from '../classes/resource-classes.ts';
import { ended, running, waits } from '../verdict/fixtures/pods.ts';
import { startTask, unsafe } from './fixtures/start-task.ts';

test('a task that its orchestrator has ended is not reported again, and leaves nothing behind', async () => {
  const { api, done, durations, kubelet, ends, left, lines, runnerApi } = await startTask();
  await kubelet(running);
  await kubelet(ended(0));
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(ends).toEqual(['done']);
  expect(durations).toEqual([expect.any(Number)]);
  expect(left()).toEqual([]);
  // Everything else in the Pod gets only the time that docker stop would give it.
  const deletion = api.requests.find(({ method, path }) => method === 'DELETE' && path.startsWith(podsPath));
  expect(deletion?.body).toMatchObject({ gracePeriodSeconds: 10 });
  expect(runnerApi.results.get(0)).toBe('success');
  expect(runnerApi.output.get(0)).toContain('The Pod is on the node node-a.');
  expect(lines.filter(({ message }) => message === 'service-work')).toHaveLength(1);
});

test('the record of the claim is written before the Pod', async () => {
  const { api, done, kubelet } = await startTask();
  await kubelet(ended(0));
  await done;
  const created = api.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);
  expect(created).toEqual([secretsPath, podsPath]);
});

test('a task without services takes five requests to the Kubernetes API, apart from watches', async () => {
  const { api, done, kubelet } = await startTask();
  const before = api.requests.length;
  await kubelet(ended(0));
  await done;
  const requests = api.requests.slice(before).filter(({ query }) => query.get('watch') === null);
  expect(requests.length).toBeLessThanOrEqual(5);
});

test('a missing image fails the task, with a description of its Pod, before anything is deleted', async () => {
  const { api, done, kubelet, left, runnerApi } = await startTask();
  let podAtReport: unknown;
  const { fail } = runnerApi;
  runnerApi.fail = async (...told) => {
    podAtReport = api.names(podsPath).length;
    await fail.apply(runnerApi, told);
  };
  await kubelet(waits('ErrImagePull', 'x: not found'), { phase: 'Pending' });
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringMatching(/^fail The image of the primary container .*x: not found/),
  ]);
  expect(podAtReport).toBe(1);
  expect(runnerApi.output.get(0)).toContain('waiting: ErrImagePull: x: not found');
  expect(runnerApi.results.get(0)).toBe('failure');
  expect(left()).toEqual([]);
});

test.each([
  ['fail', {}],
  ['unclaim', unsafe],
])(
  'a task whose Pod was evicted while it ran is handed back only if that is allowed (%s)',
  async (call, change) => {
    const { done, kubelet, runnerApi } = await startTask(undefined, change);
    await kubelet(ended(137), { phase: 'Failed', reason: 'Evicted', message: 'low on disk' });
    await done;
    expect(runnerApi.told).toEqual([expect.stringMatching(new RegExp(`^${call} `))]);
  },
);

test('a task whose retries are used up fails, and says so', async () => {
  const { done, kubelet, runnerApi } = await startTask(({ api }) => {
    api.refusals.unclaim = [409];
  });
  await kubelet({ waiting: {} }, { phase: 'Failed', reason: 'Evicted' });
  await done;
  expect(runnerApi.told).toEqual(['unclaim task-1', expect.stringMatching(/^fail .*retries are used up\.$/)]);
});

test('a task that was cancelled is cleaned up quietly', async () => {
  const { done, kubelet, ends, left, lines } = await startTask(({ api }) => {
    api.refusals.fail = [404];
  });
  await kubelet(ended(1));
  await done;
  expect(ends).toEqual(['gone']);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(left()).toEqual([]);
});

test('a defect fails the task, and leaves nothing behind', async () => {
  const { done, left, runnerApi } = await startTask(undefined, {
    resourceClass: () => {
      throw new Error('a class is missing');
    },
  });
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringMatching(/^fail .*a defect of its own: a class is missing\./),
  ]);
  expect(left()).toEqual([]);
});

test('a running task whose step is unknown was cancelled: its Pod is deleted, and nothing is reported', async () => {
  const { done, kubelet, ends, left, lines, runnerApi } = await startTask();
  await waitFor('the step', () => runnerApi.output.has(0));
  runnerApi.refusals.step = [404];
  await kubelet(running);
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(ends).toEqual(['gone']);
  expect(left()).toEqual([]);
  const [end] = lines.filter(({ message }) => message === 'service-work');
  expect(end?.fields).not.toHaveProperty('error');
});

test('a task that is gone before it begins leaves no trace', async () => {
  const { api, done, ends, runnerApi } = await startTask(({ api }) => {
    api.refusals.taskConfiguration = [404];
  });
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(ends).toEqual(['gone']);
  expect(api.requests.some(({ method }) => method === 'POST')).toBe(false);
});

test('a configuration that the runner API refuses fails the task with the words of the call', async () => {
  const { done, runnerApi } = await startTask(({ api }) => {
    api.refusals.taskConfiguration = [403];
  });
  await done;
  expect(runnerApi.told).toEqual(['fail The configuration of the task could not be read: status 403.']);
});

test('a task has the template that its class had when the task was claimed', async () => {
  let resourceClass: ResourceClass = { ...emptyClass, spec: { hostNetwork: true } };
  const { done, kubelet, pod } = await startTask(
    ({ api }) => {
      api.refusals.taskConfiguration = [503];
    },
    { resourceClass: () => resourceClass },
  );
  resourceClass = emptyClass;
  expect(await pod()).toMatchObject({ spec: { hostNetwork: true } });
  await kubelet(ended(0));
  await done;
});

test('an unusable configuration fails the task, and the message names the field', async () => {
  const { done, runnerApi } = await startTask(({ api }) => {
    api.configuration = { task_id: 'task-1', docker: [{}] };
  });
  await done;
  expect(runnerApi.told).toEqual([
    'fail The configuration of the task cannot be used: docker[0].image must be a string, but is missing.',
  ]);
});

test('a task fails if somebody else deletes its Pod', async () => {
  const { api, done, kubelet, pod, runnerApi } = await startTask();
  await kubelet(running);
  api.remove(podsPath, (await pod()).metadata.name);
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringMatching(/^fail The Pod was deleted while the task was under way/),
  ]);
});
