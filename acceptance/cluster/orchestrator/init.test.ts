import { expect, test } from 'vitest';
import { containerStatus, waitForEnd } from '../../../internal/dev/testing/cluster/pod.ts';
import { TaskPod } from './task-pod.ts';
import { initResources } from './task-pod-manifest.ts';

test('init copies within the limits that the chart gives it', async () => {
  await using task = await TaskPod.create({});
  expect(await waitForEnd(task.name, 'init')).toMatchObject({ exitCode: 0, reason: 'Completed' });
  expect(await task.finish()).toMatchObject({ end: { exitCode: 0 }, calls: [] });
  expect(containerStatus(await task.read(), 'init')).toMatchObject({
    resources: initResources,
    restartCount: 0,
  });
});
