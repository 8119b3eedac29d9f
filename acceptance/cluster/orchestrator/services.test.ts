import type { Container, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import {
  containerStatus,
  deletePod,
  execInPod,
  waitForEnd,
  waitForLog,
  waitUntilReady,
} from '../../../internal/dev/testing/cluster/pod.ts';
import { TaskPod } from './task-pod.ts';
import { binaries } from './task-pod-manifest.ts';

const agent = `${binaries}/circleci-agent`;
const fields = { readiness_file_path: '/shared/services-ready' };

/** Adds a container like the task's, but with another program. */
function addService(command: readonly string[]) {
  return ({ containers }: PodSpec) => {
    const { image, securityContext, volumeMounts } = containers[0] as Container;
    const service = { name: 'service', image, securityContext, volumeMounts, command: [...command] };
    containers.push(service as Container);
  };
}

test('a task begins when its service writes the readiness file, while the service keeps running', async () => {
  const service = [
    agent,
    'say=the%20service%20starts',
    'wait-file=/shared/go',
    'into=/shared/services-ready',
  ];
  const adjust = addService([...service, 'say=ready', 'forever']);
  await using task = await TaskPod.create({ fields, agent: ['print=/shared/services-ready'], adjust });
  await waitForLog(task.name, 'service', /the service starts/);
  await waitUntilReady(task.name, 'task');
  expect(await task.log()).not.toContain('task agent started');
  await execInPod(task.name, 'service', [agent, 'touch=/shared/go']);
  const { end, calls, left } = await task.finish();
  expect({ end, calls }).toMatchObject({ end: { exitCode: 0, reason: 'Completed' }, calls: [] });
  expect(await task.log()).toContain('ready\n');
  // The service continues: the container runner ends it with the Pod.
  const pod = await task.read();
  expect(containerStatus(pod, 'service')?.state?.running).toBeDefined();
  expect([pod.status?.phase, left]).toEqual(['Running', []]);
});

test('a task whose service has failed is handed back when its Pod is deleted', async () => {
  await using task = await TaskPod.create({ fields, adjust: addService([agent, 'exit=1']) });
  await waitForEnd(task.name, 'service');
  await waitUntilReady(task.name, 'task');
  await deletePod(task.name);
  expect(await task.finish()).toMatchObject({ end: { exitCode: 0 }, calls: ['unclaim'], left: [] });
});
