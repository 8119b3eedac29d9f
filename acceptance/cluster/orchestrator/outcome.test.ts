import { expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { runTaskPod, TaskPod } from './task-pod.ts';

const failing = ['stderr=no%20such%20step', 'exit=3'];

test('a successful task ends its Pod successfully, and nothing is reported', async () => {
  await using task = await TaskPod.create({ agent: ['say=step%20one'] });
  await task.printed(/step one/);
  const ended = await task.finish();
  expect(ended).toMatchObject({ end: { exitCode: 0, reason: 'Completed' }, calls: [], left: [] });
  expect(ended.end.message).toBeUndefined();
});

test.each(['bare', 'busybox'] as const)(
  'a task that fails is reported, and the kubelet shows the same message: image %s',
  async (image) => {
    const ended = await runTaskPod({ agent: failing, image: images[image] });
    expect(ended).toMatchObject({ end: { exitCode: 0, reason: 'Completed' }, calls: ['fail'], left: [] });
    expect(ended.message).toMatch(/exit status 3.*no such step/s);
    expect(ended.end.message).toBe(ended.message);
  },
);

test('a failure that the runner API does not accept ends the Pod with 1, and the kubelet shows it', async () => {
  const ended = await runTaskPod({ agent: failing, answers: { fail: [{ status: 403 }] } });
  expect(ended).toMatchObject({ end: { exitCode: 1, reason: 'Error' }, calls: ['fail'] });
  expect(ended.end.message).toContain('exit status 3');
});

test('a task runs under the strictest Pod security, with a read-only root', async () => {
  const agent = ['into=/shared/file', 'say=text', 'touch=/file'];
  const ended = await runTaskPod({ podSecurity: 'restricted', agent });
  expect(ended).toMatchObject({ end: { exitCode: 0 }, calls: ['fail'] });
  expect(ended.message).toContain('/file: Read-only file system');
});

test('a Pod that asks for more is not admitted', async () => {
  const adding = TaskPod.create({
    podSecurity: 'restricted',
    adjust: ({ containers: [task] }) =>
      void Object.assign(task?.securityContext ?? {}, { allowPrivilegeEscalation: true }),
  });
  await expect(adding).rejects.toThrow('violates PodSecurity "restricted');
});
