import type { EmptyDirVolumeSource, PodSecurityContext } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { containerStatus, endOf, waitForEnd, waitForPod } from '../../../internal/dev/testing/cluster/pod.ts';
import { TaskPod } from './task-pod.ts';
import { binaries, initResources } from './task-pod-manifest.ts';

test.each<[string, PodSecurityContext]>([
  ['as root', { runAsUser: 0 }],
  ['as a user that is in no file', { runAsUser: 1_000_690_000, runAsGroup: 0, fsGroup: 1_000_690_000 }],
])('init copies within the limits that the chart sets, %s', async (_title, securityContext) => {
  await using task = await TaskPod.create({
    adjust: (spec) => void Object.assign(spec, { securityContext }),
  });
  const ended = await task.finish();
  expect(ended).toMatchObject({ end: { exitCode: 0 }, calls: [] });
  const pod = await task.read();
  expect(containerStatus(pod, 'init')).toMatchObject({ resources: initResources, restartCount: 0 });
  expect(endOf(pod, 'init')).toMatchObject({ exitCode: 0, reason: 'Completed' });
});

test.each<[string, EmptyDirVolumeSource, object]>([
  ['has no room', { medium: 'Memory', sizeLimit: '20Mi' }, { exitCode: 1, message: fullVolume(binaries) }],
  ['counts as memory', { medium: 'Memory' }, { exitCode: 137 }],
])('init fails where its volume %s, and the task does not begin', async (_title, emptyDir, end) => {
  await using task = await TaskPod.create({
    adjust: ({ volumes = [] }) =>
      void Object.assign(volumes.find(({ name }) => name === 'binaries') ?? {}, { emptyDir }),
  });
  expect(await waitForEnd(task.name, 'init')).toMatchObject(end);
  const pod = await waitForPod(task.name, 'the failure', (it) => it.status?.phase === 'Failed' && it);
  expect(endOf(pod, 'task')).toBeUndefined();
  expect(task.api.requests).toEqual([]);
});

function fullVolume(path: string): unknown {
  return expect.stringMatching(new RegExp(`${path}/.*ENOSPC`));
}
