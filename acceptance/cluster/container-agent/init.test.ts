import { expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { TestController } from './controller.ts';

test('a task whose init container lacks memory is handed back, and the message names the limit to raise', async () => {
  await using controller = await TestController.start({
    configuration: { runnerInitResources: { requests: { memory: '8Mi' }, limits: { memory: '8Mi' } } },
  });
  const task = controller.submit();
  const { calls, lifecycle, work } = await task.ended();
  expect({ calls, work }).toMatchObject({ calls: ['unclaim'], work: { 'app.to_retry': true } });
  // With the reason OOMKilled, or without one if the container runtime heard of the container's end first.
  expect(lifecycle).toMatch(/init container .* failed: .*SIGKILL.* more memory than runnerInitResources/);
});

test('a task with an init image for another CPU is handed back, and fails when its retries are used up', async () => {
  await using controller = await TestController.start({
    variables: { KUBE_RUNNER_INIT_IMAGE: images.otherArchitecture },
  });
  const task = controller.submit({ retries: 1, comesAgain: true });
  const { calls, message, work } = await task.ended(2);
  expect({ calls, work }).toMatchObject({ calls: ['unclaim', 'unclaim', 'fail'], work: { end: 'failed' } });
  expect(message).toMatch(/init container .*exec format error.*retries are used up/s);
  expect(task.pods).toHaveLength(2);
});
