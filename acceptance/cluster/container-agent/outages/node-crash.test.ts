import { expect, test } from 'vitest';
import { crashNode } from '../../../../internal/dev/testing/cluster/outage.ts';
import { deletePod } from '../../../../internal/dev/testing/cluster/pod.ts';
import { TestController } from '../controller.ts';
import { linux, smallClass } from '../install-controller.ts';
import type { SubmittedTask } from '../submitted-task.ts';
import { untilTold } from '../until-told.ts';

const [unsafe, nowhere] = ['acme/unsafe', 'acme/nowhere'];

test('when the node crashes and starts again, with the controller on it, each task is reported once', async () => {
  await using controller = await TestController.start({
    classes: {
      [linux]: smallClass,
      [unsafe]: { ...smallClass, enableUnsafeRetries: true },
      [nowhere]: { spec: { ...smallClass.spec, nodeSelector: { 'example.com/there-is': 'no-such-node' } } },
    },
    variables: { RUNNER_SCHEDULING_TIMEOUT: '5m' },
  });
  const [lost, lostUnsafe, waiting] = [linux, unsafe, nowhere].map((resourceClass) =>
    controller.submit({ resourceClass, agent: untilTold }),
  ) as [SubmittedTask, SubmittedTask, SubmittedTask];
  for (const task of [lost, lostUnsafe]) await task.printed(/the agent runs/);
  await waiting.pod();
  await crashNode();
  const message = /container-0 .* exit status 255, Unknown\. Nobody knows how it ended/;
  expect(await lost.ended()).toMatchObject({
    ...{ calls: ['fail'], message: expect.stringMatching(message) },
    work: { end: 'failed', reason: 'primary-failed', 'app.to_retry': false },
  });
  expect(await lostUnsafe.ended()).toMatchObject({
    calls: ['unclaim'],
    work: {
      ...{ end: 'handed-back', reason: 'primary-failed', 'app.to_retry': true },
      error: expect.stringMatching(message),
    },
  });
  expect(await controller.submit().ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  expect(waiting.reports).toEqual([]);
  await deletePod(await waiting.podName());
  expect((await waiting.ended()).calls).toEqual(['unclaim']);
  for (const task of [lost, lostUnsafe, waiting]) expect(task.pods).toHaveLength(1);
});
