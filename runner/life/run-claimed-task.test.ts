import { expect, test } from 'vitest';
import { podsPath, secretsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ClassPauses } from '../claims/class-pauses.ts';
import { emptyClass, type ResourceClass } from '../classes/resource-classes.ts';
import { ended, running, waits } from '../verdict/fixtures/pods.ts';
import { doubtingPolicy } from './fixtures/recording-runner-api.ts';
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

test('each line of the log names the task and its Pod as soon as they are known, and its class with a dot', async () => {
  const refused = ['POST', 'DELETE'];
  const { done, kubelet, lines } = await startTask(({ api, kubernetes }) => {
    api.refusals.taskConfiguration = [503];
    api.refusals.fail = [503];
    kubernetes.api.intercept = ({ method }, response) => {
      if (method !== refused[0]) return false;
      refused.shift();
      sendStatus(response, 500, 'InternalError', 'words');
      return true;
    };
  });
  await kubelet(ended(3));
  await done;
  const claimed = { allocation: 'allocation', 'resource.class': 'a.b' };
  const begun = { ...claimed, 'task.id': 'task-1', pod: expect.stringContaining('task-1') };
  const loud = lines.filter(({ level }) => level !== 'debug');
  expect(loud.map(({ message }) => message)).toEqual([
    'the configuration of a task could not be read yet',
    'the objects of a task could not be created yet',
    'the runner API could not be told of a failure',
    'service-work',
    'what is left of a task could not be deleted',
  ]);
  const named = lines.filter(({ fields }) => fields['task.id'] !== undefined);
  for (const { fields } of named) expect(fields).toMatchObject(begun);
  for (const { fields } of lines) expect(fields).toMatchObject(claimed);
  expect(named).toHaveLength(lines.length - 1);
});

test('what the orchestrator has reported is in the line of the task, with its node, and is not reported again', async () => {
  const { done, ends, kubelet, lines, runnerApi } = await startTask();
  await kubelet(running);
  await kubelet(
    ended(0, 'Completed', 'The task agent ended with exit status 3.\nFor more, look at the logs.'),
  );
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(ends).toEqual(['orchestrator']);
  const [end] = lines.filter(({ message }) => message === 'service-work');
  expect(end).toMatchObject({
    level: 'error',
    fields: {
      node: 'node-a',
      end: 'failed',
      reason: 'orchestrator',
      error: 'The task agent ended with exit status 3. For more, look at the logs.',
      'app.to_retry': false,
    },
  });
});

test('a task that its orchestrator has handed back counts as handed back', async () => {
  const { done, kubelet, lines, runnerApi } = await startTask();
  const message = 'The task was handed back for another try. The task agent could not be started.';
  await kubelet(ended(0, 'Completed', message));
  await done;
  expect(runnerApi.told).toEqual([]);
  const [end] = lines.filter(({ message }) => message === 'service-work');
  expect(end?.fields).toMatchObject({ end: 'handed-back', reason: 'orchestrator', 'app.to_retry': true });
});

test('a task counts as waiting until its primary container runs', async () => {
  const { done, kubelet, pod, waits } = await startTask();
  await pod();
  expect(waits).toEqual(['running']);
  await kubelet(running);
  await waitFor('the end of the wait', () => waits.length === 0);
  await kubelet(ended(0));
  await done;
  expect(waits).toEqual([]);
});

test('a failed task counts as waiting until it is reported', async () => {
  const told = Promise.withResolvers<void>();
  const { done, kubelet, runnerApi, waits } = await startTask();
  const { fail } = runnerApi;
  runnerApi.fail = async (failure) => {
    await told.promise;
    await fail.call(runnerApi, failure);
  };
  await kubelet(ended(3));
  await waitFor('the report', () => waits.includes('reported'));
  expect(waits).toEqual(['reported']);
  told.resolve();
  await done;
  expect(waits).toEqual([]);
});

test('the record of the claim is written before the Pod', async () => {
  const { api, done, kubelet } = await startTask();
  await kubelet(ended(0));
  await done;
  const created = api.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);
  expect(created).toEqual([secretsPath, podsPath]);
});

test('a class rests when its tasks fail one after the other without a Pod, until one has a Pod', async () => {
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
  expect(pauses.reasonOf('a.b')).toBe('3 tasks in a row have ended before they had a Pod');
  const { done, kubelet } = await startTask(undefined, { pauses });
  await kubelet(ended(0));
  await done;
  expect(pauses.reasonOf('a.b')).toBeUndefined();
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

test('the lines of the step are sent before the task is over', async () => {
  const { done, kubelet, runnerApi } = await startTask(undefined, unsafe);
  let stepAtReport: unknown;
  runnerApi.unclaim = async () => {
    stepAtReport = { result: runnerApi.results.get(0), output: runnerApi.output.get(0) };
  };
  await kubelet(ended(1));
  await done;
  expect(stepAtReport).toEqual({ result: 'failure', output: expect.stringContaining('exit status 1') });
  expect(runnerApi.output.get(0)).toContain('claimed by container-agent-5d4f');
});

test('a runner API that accepts no output does not delay the report', { tags: ['timed'] }, async () => {
  const { done, kubelet, runnerApi } = await startTask(({ api }) => {
    Object.assign(api, { steps: { ...api.steps, start: () => new Promise(() => undefined) } });
  });
  await kubelet(ended(1));
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail /)]);
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
