import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { nodeName } from '../../../internal/dev/cluster/addresses.ts';
import { kubectl } from '../../../internal/dev/cluster/kubectl.ts';
import { evictPod, patchPod, releasePod } from '../../../internal/dev/testing/cluster/pod.ts';
import { TaskPod } from './task-pod.ts';

const flags = ['--termination-grace-period=500ms'];
const running = ['say=the%20agent%20runs', 'forever'];

test('an eviction interrupts a task, and the task is reported', async () => {
  await using task = await TaskPod.create({ agent: running, flags });
  await task.printed(/the agent runs/);
  await evictPod(task.name);
  const ended = await task.finish();
  expect(ended).toMatchObject({ end: { exitCode: 0 }, calls: ['fail'], left: [] });
  expect(ended.message).toMatch(/interrupted.*evicted or deleted/s);
  const { status } = await task.read();
  const disruption = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  expect(disruption).toMatchObject({ status: 'True', reason: 'EvictionByEvictionAPI' });
});

test('draining a node interrupts a running task, and hands back one that has not started', async () => {
  const drained = `drained-${randomBytes(5).toString('hex')}`;
  const labels = { [drained]: '' };
  await using runs = await TaskPod.create({ agent: running, flags, labels });
  await using waits = await TaskPod.create({ fields: { readiness_file_path: '/shared/never' }, labels });
  await runs.printed(/the agent runs/);
  await waits.printed(/server: new-server admin/);
  // Pods of other tests are not evicted, but new ones wait until the node accepts Pods again.
  const drain = kubectl([
    'drain',
    nodeName,
    `--pod-selector=${drained}`,
    '--force',
    '--delete-emptydir-data',
  ]);
  await using _ = { [Symbol.asyncDispose]: async () => void (await kubectl(['uncordon', nodeName])) };
  const ends = await Promise.all([runs.finish(), waits.finish()]);
  expect(ends).toMatchObject([
    { end: { exitCode: 0 }, calls: ['fail'], left: [] },
    { end: { exitCode: 0 }, calls: ['unclaim'], left: [] },
  ]);
  await Promise.all([runs, waits].map(({ name }) => releasePod(name)));
  expect(await drain).toContain('node/node drained');
});

test('the deadline of a Pod interrupts a task, and the task is reported', async () => {
  await using task = await TaskPod.create({ agent: running, flags });
  await task.printed(/the agent runs/);
  await patchPod(task.name, { spec: { activeDeadlineSeconds: 1 } });
  const ended = await task.finish();
  expect(ended).toMatchObject({ end: { exitCode: 0 }, calls: ['fail'], left: [] });
  expect((await task.read()).status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
});
