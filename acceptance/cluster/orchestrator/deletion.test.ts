import { describe, expect, test } from 'vitest';
import {
  containerStatus,
  deletePod,
  endOf,
  waitForEnd,
  waitForPod,
} from '../../../internal/dev/testing/cluster/pod.ts';
import { TaskPod } from './task-pod.ts';

const longGrace = '--termination-grace-period=10m';
const running = ['daemon', 'ignore=15', 'forever', 'end', 'say=the%20agent%20runs'];
const untilTold = [...running, 'wait-file=/shared/end'];
const forEver = [...running, 'forever'];
const never = { readiness_file_path: '/shared/never' };

test('while init copies ends it with 1, and nothing is reported, as no task has begun', async () => {
  await using task = await TaskPod.create({
    // It still copies when the signal comes.
    adjust: ({ initContainers: [init] = [] }) => Object.assign(init?.resources?.limits ?? {}, { cpu: '10m' }),
  });
  await waitForPod(task.name, 'the start of init', (pod) => containerStatus(pod, 'init')?.state?.running);
  await deletePod(task.name);
  expect(await waitForEnd(task.name, 'init')).toMatchObject({ exitCode: 1, reason: 'Error' });
  const pod = await waitForPod(task.name, 'the end', (it) => it.status?.phase === 'Failed' && it);
  expect(endOf(pod, 'task')).toBeUndefined();
  expect(task.api.requests).toEqual([]);
});

describe('while the orchestrator waits for the readiness file', () => {
  test('hands the task back', async () => {
    await using task = await TaskPod.create({ fields: never, flags: [longGrace] });
    await task.printed(/server: new-server admin/);
    await deletePod(task.name);
    const { end, calls, left } = await task.finish();
    expect({ end, calls, left }).toMatchObject({ end: { exitCode: 0 }, calls: ['unclaim'], left: [] });
    expect(end.message).toContain('SIGTERM');
  });
});

describe('while the task runs', () => {
  test('lets it end by itself within its grace period', async () => {
    await using task = await TaskPod.create({ agent: untilTold, flags: [longGrace] });
    await task.printed(/the agent runs/);
    await deletePod(task.name);
    await task.printed(/SIGTERM/);
    await task.touch('end');
    const { end, calls, left } = await task.finish();
    expect({ end, calls, left }).toMatchObject({ end: { exitCode: 0 }, calls: [], left: [] });
    expect(end.message).toBeUndefined();
  });

  test('interrupts it after that time, then reports it', async () => {
    const flags = ['--termination-grace-period=500ms'];
    await using task = await TaskPod.create({ agent: forEver, flags });
    await task.printed(/the agent runs/);
    await deletePod(task.name);
    const { end, calls, message, left } = await task.finish();
    expect({ end, calls, left }).toMatchObject({ end: { exitCode: 0 }, calls: ['fail'], left: [] });
    expect(message).toMatch(/SIGTERM.*interrupted.*evicted or deleted/s);
    expect(end.message).toBe(message);
  });

  test('interrupts it after that time, then hands it back if unsafe retries are enabled', async () => {
    const flags = ['--termination-grace-period=0s'];
    await using task = await TaskPod.create({
      agent: forEver,
      flags,
      fields: { enable_unsafe_retries: true },
    });
    await task.printed(/the agent runs/);
    await deletePod(task.name);
    const { end, calls, left } = await task.finish();
    expect({ end, calls, left }).toMatchObject({ end: { exitCode: 0 }, calls: ['unclaim'], left: [] });
  });

  test('twice changes nothing, as the first signal counts', async () => {
    await using task = await TaskPod.create({ agent: untilTold, flags: [longGrace] });
    await task.printed(/the agent runs/);
    await deletePod(task.name, 500);
    await task.printed(/SIGTERM/);
    await deletePod(task.name, 400);
    await waitForPod(
      task.name,
      'the shorter time',
      (pod) => pod.metadata?.deletionGracePeriodSeconds === 400,
    );
    await task.touch('end');
    const { end, calls, left } = await task.finish();
    expect({ end, calls, left }).toMatchObject({ end: { exitCode: 0 }, calls: [], left: [] });
  });

  test.each([
    ['the grace period of the Pod is over before', [1]],
    ['the second deletion leaves it no time', [500, 1]],
    ['it leaves no time at all', [0]],
  ])(
    'ends all of it when %s: nothing is reported, but the kubelet shows why',
    async (_title, graceSeconds) => {
      await using task = await TaskPod.create({ agent: forEver, flags: [longGrace] });
      await task.printed(/the agent runs/);
      for (const seconds of graceSeconds) await deletePod(task.name, seconds);
      const { end, calls, left } = await task.finish();
      expect({ end, calls, left }).toMatchObject({
        end: { exitCode: 137, reason: 'Error' },
        calls: [],
        left: [],
      });
      expect(end.message).toMatch(/was killed while the task was running/);
    },
  );
});
