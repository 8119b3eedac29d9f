import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { labelNode } from '../../../internal/dev/testing/cluster/label-node.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';
import { untilTold } from './until-told.ts';

const nowhere = { spec: { ...smallClass.spec, nodeSelector: { 'example.com/there-is': 'no-such-node' } } };
/** A quota of Pods. One of them is the controller's own. */
const quotaOfPods = (pods: number) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'few' },
  spec: { hard: { pods: String(pods) } },
});

test('a task that fits no node is handed back after a time, with the words of the scheduler', async () => {
  await using controller = await TestController.start({
    classes: { [linux]: nowhere },
    variables: { RUNNER_SCHEDULING_TIMEOUT: '5s' },
  });
  const task = controller.submit();
  const { calls, lifecycle, work } = await task.ended();
  expect({ calls, work }).toMatchObject({ calls: ['unclaim'], work: { reason: 'unschedulable' } });
  expect(lifecycle).toMatch(/The Pod waits for a node: 0\/\d+ nodes are available/);
  expect(lifecycle).toMatch(/No node took the Pod within 5s/);
});

test('the API server accepts the Pod of a job for Windows, which waits for such a node', async () => {
  const securityContext = { runAsNonRoot: true };
  const spec = { ...smallClass.spec, securityContext, nodeSelector: { 'kubernetes.io/os': 'windows' } };
  await using controller = await TestController.start({
    classes: { [linux]: { spec } },
    variables: { RUNNER_SCHEDULING_TIMEOUT: '5s' },
  });
  const task = controller.submit({ services: [{ image: images.busybox, user: 'ContainerUser' }] });
  const { spec: accepted } = await task.pod();
  expect(accepted).toMatchObject({ os: { name: 'windows' }, nodeSelector: spec.nodeSelector });
  expect(accepted?.containers.map(({ name }) => name)).toContain('container-1');
  expect(await task.ended()).toMatchObject({ calls: ['unclaim'], work: { reason: 'unschedulable' } });
});

test('a quota that is used up delays a task and pauses its class, but fails no task', async () => {
  await using controller = await TestController.start({
    objects: [quotaOfPods(2)],
  });
  const first = controller.submit({ agent: untilTold });
  await first.printed(/the agent runs/);
  const second = controller.submit();
  await second.told(/does not create the task.s objects yet.*exceeded quota/);
  const third = controller.submit();
  await controller.logged('the pause', ({ reason }) => /quota/.test(String(reason)));
  expect(third.view.claims).toEqual([]);
  await first.touch('/shared/end');
  for (const task of [first, second, third]) expect(await task.ended()).toMatchObject({ calls: [] });
});

test('if a quota stays used up, the task is handed back after a time', async () => {
  await using controller = await TestController.start({
    objects: [quotaOfPods(1)],
    variables: { RUNNER_CREATE_TIMEOUT: '3s' },
  });
  const task = controller.submit();
  const { calls, lifecycle } = await task.ended();
  expect(calls).toEqual(['unclaim']);
  expect(lifecycle).toMatch(/was not created.*exceeded quota/s);
  expect(task.pods).toEqual([]);
});

test('a task that is cancelled while a quota is used up never has a Pod', async () => {
  await using controller = await TestController.start({ objects: [quotaOfPods(1)] });
  const task = controller.submit();
  await task.told(/exceeded quota/);
  controller.queue.cancel(task.id);
  expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'gone' } });
  expect(task.pods).toEqual([]);
});

test('a Pod that the namespace forbids fails the task with the words of the API server', async () => {
  await using controller = await TestController.start({ podSecurity: 'restricted' });
  const task = controller.submit();
  const { calls, message } = await task.ended();
  expect(calls).toEqual(['fail']);
  expect(message).toMatch(/violates PodSecurity restricted/);
});

test('a class that fits no node claims nothing until one does, if nodes are checked', async () => {
  const picky = 'acme/picky';
  const label = `node.test/${randomBytes(4).toString('hex')}`;
  await using controller = await TestController.start({
    classes: {
      [linux]: smallClass,
      [picky]: { spec: { ...smallClass.spec, nodeSelector: { [label]: 'yes' } } },
    },
    variables: { CHECK_ENABLED: 'true', CHECK_INTERVAL: '1s', CHECK_THRESHOLD: '2' },
  });
  const isOfClass = (line: Readonly<Record<string, unknown>>) => line['resource.class'] === 'acme.picky';
  await controller.logged('the pause', (line) => isOfClass(line) && line.msg === 'not claiming');
  const task = controller.submit({ resourceClass: picky });
  expect(await controller.submit().ended()).toMatchObject({ calls: [] });
  expect(task.view.claims).toEqual([]);
  await using _label = await labelNode(label);
  expect(await task.ended()).toMatchObject({ calls: [] });
});
