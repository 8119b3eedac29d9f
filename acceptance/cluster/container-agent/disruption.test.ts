import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { deletePod, evictPod } from '../../../internal/dev/testing/cluster/pod.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';

const unsafe = 'acme/unsafe';
const nowhere = 'acme/nowhere';
const forEver = ['say=the%20agent%20runs', 'forever'];

let controller: TestController;
beforeAll(async () => {
  controller = await TestController.start({
    classes: {
      [linux]: smallClass,
      [unsafe]: { ...smallClass, enableUnsafeRetries: true },
      [nowhere]: { spec: { ...smallClass.spec, nodeSelector: { 'example.com/there-is': 'no-such-node' } } },
    },
  });
});
afterAll(() => controller[Symbol.asyncDispose]());

describe.each([
  { resourceClass: linux, report: 'fail', what: 'is failed' },
  { resourceClass: unsafe, report: 'unclaim', what: 'is handed back if unsafe retries are enabled' },
])('a task that runs $what once when its Pod', ({ report, resourceClass }) => {
  test('is evicted', async () => {
    const task = controller.submit({ resourceClass, agent: forEver });
    await task.printed(/the agent runs/);
    await evictPod(await task.podName());
    const { calls, lifecycle, work } = await task.ended();
    expect(calls).toEqual([report]);
    expect(lifecycle).toMatch(/EvictionByEvictionAPI|[Ee]vict/);
    const end = report === 'fail' ? 'failed' : 'handed-back';
    expect(work).toMatchObject({
      end,
      reason: 'orchestrator',
      error: expect.stringContaining('grace period'),
    });
    expect(work).toHaveProperty('node');
  });

  test('is deleted by hand', async () => {
    const task = controller.submit({ resourceClass, agent: forEver });
    await task.printed(/the agent runs/);
    await deletePod(await task.podName());
    expect(await task.ended()).toMatchObject({ calls: [report], work: { reason: 'orchestrator' } });
  });

  test('is deleted by force, and only the controller can report it', async () => {
    const task = controller.submit({ resourceClass, agent: ['ignore=15', ...forEver] });
    await task.printed(/the agent runs/);
    await task.killFirstProcess();
    await deletePod(await task.podName(), 0);
    const { calls, lifecycle } = await task.ended();
    expect(calls).toEqual([report]);
    expect(lifecycle).toMatch(/was deleted while the task was under way|SIGKILL/);
  });
});

test('a task whose Pod is deleted before it has a node is handed back', async () => {
  const task = controller.submit({ resourceClass: nowhere });
  await task.told(/The Pod waits for a node/);
  await deletePod(await task.podName());
  const { calls, lifecycle, work } = await task.ended();
  expect({ calls, work }).toMatchObject({ calls: ['unclaim'], work: { 'app.to_retry': true } });
  expect(lifecycle).toMatch(/was deleted while the task was under way/);
});

describe('a cancelled task is not reported, and its Pod is deleted', () => {
  test('while it waits for a node, and nothing happens', async () => {
    const task = controller.submit({ resourceClass: nowhere });
    await task.told(/The Pod waits for a node/);
    controller.queue.cancel(task.id);
    expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'gone' } });
  });

  test('while it runs, as soon as there is a line for its step', async () => {
    const task = controller.submit({
      agent: forEver,
      services: [
        { image: images.busybox, command: ['sh', '-c', 'until [ -e /shared/end ]; do sleep 1; done'] },
      ],
    });
    await task.printed(/the agent runs/);
    controller.queue.cancel(task.id);
    await task.touch('/shared/end', 'container-1');
    expect(await task.ended()).toMatchObject({ work: { end: 'gone' } });
  });
});
