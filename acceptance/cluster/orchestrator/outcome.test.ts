import { expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { createPod } from '../../../internal/dev/testing/cluster/pod.ts';
import { runTaskPod, TaskPod } from './task-pod.ts';
import { taskPod } from './task-pod-manifest.ts';

test('a task that ends well ends its Pod well, and nothing is reported', async () => {
  await using task = await TaskPod.create({ agent: ['say=step%20one'] });
  await task.printed(/step one/);
  const { end, calls, left } = await task.finish();
  expect({ end, calls, left }).toMatchObject({
    end: { exitCode: 0, reason: 'Completed' },
    calls: [],
    left: [],
  });
  expect(end.message).toBeUndefined();
});

test.each([['bare'], ['busybox']] as const)(
  'a task that fails is reported, in the image %s',
  async (image) => {
    const agent = ['stderr=no%20such%20step', 'exit=3'];
    const { end, calls, message, left } = await runTaskPod({ agent, image: images[image] });
    expect({ end, calls, left }).toMatchObject({ end: { exitCode: 0 }, calls: ['fail'], left: [] });
    expect(message).toMatch(/exit status 3.*no such step/s);
  },
);

test('a task of which the runner API wants to know nothing ends its Pod with 1', async () => {
  const answers = { fail: [{ status: 403 }] };
  const { end, calls } = await runTaskPod({ agent: ['exit=3'], answers });
  expect({ end, calls }).toMatchObject({ end: { exitCode: 1, reason: 'Error' }, calls: ['fail'] });
  expect(end.message).toContain('exit status 3');
});

test('the kubelet shows the message of a failure as it was reported', async () => {
  const { end, message } = await runTaskPod({ agent: ['stderr=no%20such%20step', 'exit=3'] });
  expect(end.message).toMatch(/exit status 3.*no such step/s);
  expect(end.message).toBe(message);
});

test('a task runs where the strictest Pod security is enforced, and its root is read-only', async () => {
  const task = {
    podSecurity: 'restricted',
    agent: ['into=/shared/file', 'say=text', 'touch=/file'],
  } as const;
  const { end, calls, message } = await runTaskPod(task);
  expect({ end, calls }).toMatchObject({ end: { exitCode: 0 }, calls: ['fail'] });
  expect(message).toContain('/file: Read-only file system');
});

test('what that security forbids is not admitted there', async () => {
  await using task = await TaskPod.create({ podSecurity: 'restricted' });
  const content = {
    secret: 'task',
    image: images.bare,
    flags: [],
    environment: [],
    graceSeconds: 1,
    labels: {},
  };
  const { spec } = taskPod(content);
  const privileged = { name: 'privileged', image: images.bare, securityContext: { privileged: true } };
  const pod = {
    metadata: { name: 'other' },
    spec: { ...spec, containers: [...spec.containers, privileged] },
  };
  await expect(createPod(task.name.namespace, pod)).rejects.toThrow('violates PodSecurity "restricted');
});
