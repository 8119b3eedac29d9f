import type { PodSpec } from 'kubernetes-types/core/v1.d.ts';
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

describe('the deletion of a Pod while init copies', () => {
  test('ends init with 1, and nothing is reported because no task has begun', async () => {
    await using task = await TaskPod.create({ adjust: slowDownInit });
    await waitForPod(task.name, 'the start of init', (pod) => containerStatus(pod, 'init')?.state?.running);
    await deletePod(task.name);
    expect(await waitForEnd(task.name, 'init')).toMatchObject({ exitCode: 1, reason: 'Error' });
    const pod = await waitForPod(task.name, 'the failure', (it) => it.status?.phase === 'Failed' && it);
    expect(endOf(pod, 'task')).toBeUndefined();
    expect(task.api.requests).toEqual([]);
  });
});

describe('the deletion of a Pod while the orchestrator waits for the readiness file', () => {
  test('hands the task back', async () => {
    const fields = { readiness_file_path: '/shared/never' };
    await using task = await TaskPod.create({ fields, flags: [longGrace] });
    await task.printed(/server: new-server admin/);
    await deletePod(task.name);
    const ended = await task.finish();
    expect(ended).toMatchObject({ end: { exitCode: 0 }, calls: ['unclaim'], left: [] });
    expect(ended.end.message).toContain('SIGTERM');
  });
});

describe('the deletion of a Pod while its task runs', () => {
  test('lets the task end by itself within its grace period', async () => {
    await using task = await TaskPod.create({ agent: untilTold, flags: [longGrace] });
    await task.printed(/the agent runs/);
    await deletePod(task.name);
    await task.printed(/SIGTERM/);
    await task.touch('end');
    const ended = await task.finish();
    expect(ended).toMatchObject({ end: { exitCode: 0 }, calls: [], left: [] });
    expect(ended.end.message).toBeUndefined();
  });

  test('interrupts the task after that time, then reports it', async () => {
    const flags = ['--termination-grace-period=500ms'];
    await using task = await TaskPod.create({ agent: forEver, flags });
    await task.printed(/the agent runs/);
    await deletePod(task.name);
    const ended = await task.finish();
    expect(ended).toMatchObject({ end: { exitCode: 0 }, calls: ['fail'], left: [] });
    expect(ended.message).toMatch(/SIGTERM.*interrupted.*evicted or deleted/s);
    expect(ended.end.message).toBe(ended.message);
  });

  test('interrupts the task after that time, then hands it back if unsafe retries are enabled', async () => {
    const flags = ['--termination-grace-period=0s'];
    const fields = { enable_unsafe_retries: true };
    await using task = await TaskPod.create({ agent: forEver, flags, fields });
    await task.printed(/the agent runs/);
    await deletePod(task.name);
    expect(await task.finish()).toMatchObject({ end: { exitCode: 0 }, calls: ['unclaim'], left: [] });
  });

  test('a second time changes nothing, because only the first signal counts', async () => {
    await using task = await TaskPod.create({ agent: untilTold, flags: [longGrace] });
    await task.printed(/the agent runs/);
    await deletePod(task.name, 500);
    await task.printed(/SIGTERM/);
    await deletePod(task.name, 400);
    await waitForPod(
      task.name,
      'the shorter time',
      ({ metadata }) => metadata?.deletionGracePeriodSeconds === 400,
    );
    await task.touch('end');
    expect(await task.finish()).toMatchObject({ end: { exitCode: 0 }, calls: [], left: [] });
  });

  test.each([
    ['a grace period that is shorter than that of the task', 1],
    ['no grace period', 0],
  ])('with %s kills the task, and only the Pod says why', async (_title, graceSeconds) => {
    await using task = await TaskPod.create({ agent: forEver, flags: [longGrace] });
    await task.printed(/the agent runs/);
    await deletePod(task.name, graceSeconds);
    const ended = await task.finish();
    expect(ended).toMatchObject({ end: { exitCode: 137, reason: 'Error' }, calls: [], left: [] });
    expect(ended.end.message).toContain('was killed while the task was running');
  });
});

/** Makes init so slow that it still copies when the signal comes. */
function slowDownInit({ initContainers: [init] = [] }: PodSpec): void {
  Object.assign(init?.resources?.limits ?? {}, { cpu: '10m' });
}
