import { expect, test } from 'vitest';
import { nodeName } from '../../../../internal/dev/cluster/addresses.ts';
import { kubectl } from '../../../../internal/dev/cluster/kubectl.ts';
import { crashNode } from '../../../../internal/dev/testing/cluster/outage.ts';
import { TestController } from '../controller.ts';
import { linux, smallClass } from '../install-controller.ts';
import type { SubmittedTask } from '../submitted-task.ts';
import { untilTold } from '../until-told.ts';

const unsafe = 'acme/unsafe';

test('when the node is removed from the cluster, with the controller on it, each task is reported once', async () => {
  await using controller = await TestController.start({
    classes: { [linux]: smallClass, [unsafe]: { ...smallClass, enableUnsafeRetries: true } },
  });
  const [lost, lostUnsafe] = [linux, unsafe].map((resourceClass) =>
    controller.submit({ resourceClass, agent: untilTold }),
  ) as [SubmittedTask, SubmittedTask];
  for (const task of [lost, lostUnsafe]) await task.printed(/the agent runs/);
  await crashNode(async () => {
    await kubectl(['delete', 'node', nodeName]);
    // Kubernetes collects the Pods of a node that does not exist.
    for (const task of [lost, lostUnsafe]) {
      const { name, namespace } = await task.podName();
      await kubectl(['wait', '--for=delete', `pod/${name}`, `--namespace=${namespace}`, '--timeout=180s']);
    }
  });
  expect(await lost.ended()).toMatchObject({
    calls: ['fail'],
    work: { end: 'failed', 'app.to_retry': false },
  });
  expect(await lostUnsafe.ended()).toMatchObject({
    calls: ['unclaim'],
    work: { end: 'handed-back', 'app.to_retry': true },
  });
  expect(await controller.submit().ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  for (const task of [lost, lostUnsafe]) expect(task.pods).toHaveLength(1);
});
