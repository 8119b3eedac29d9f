import { expect, test } from 'vitest';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ended, running } from '../verdict/fixtures/pods.ts';
import { startTask, unsafe } from './fixtures/start-task.ts';

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
