import { constants } from 'node:os';
/** @module-tag timed */
import { describe, expect, test } from 'vitest';
import { readProc, statusField } from '../../../internal/dev/testing/proc.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { PodTask } from './pod-task.ts';

/** A signal's place in the masks of /proc/<pid>/status. */
function bitOf(signal: string): bigint {
  return 1n << BigInt(constants.signals[signal as NodeJS.Signals] - 1);
}

/** Much longer than any of these tasks. The container must end by itself, not by the engine's SIGKILL. */
const patience = 100;
const longGrace = '--termination-grace-period=10m';
const running = ['daemon', 'ignore=15', 'forever', 'end', 'say=the%20agent%20runs'];

describe.each([
  ['busybox', 'SIGTERM'],
  ['sigint', 'SIGINT'],
  ['sigquit', 'SIGQUIT'],
])('docker stop, image %s with %s', (image, signal) => {
  test('right after the start hands the task back', async () => {
    await using task = await PodTask.start({ image, fields: { readiness_file_path: '/shared/never' } });
    const pid = await task.container.running();
    // Until the launcher holds signals, PID 1 loses them: pid_namespaces(7). No earlier program blocks any of them.
    await waitFor('signals are kept', () => {
      const blocked = BigInt(`0x0${statusField(readProc(pid, 'status'), 'SigBlk')}`);
      return (blocked & bitOf(signal)) !== 0n || task.container.stdout.includes('starting orchestrator');
    });
    await task.container.stop(patience);
    const ended = await task.finish();
    expect(ended).toMatchObject({ status: 0, calls: ['unclaim'], left: [] });
    expect(ended.stdout).toContain(signal);
  });

  test('during the wait for the readiness file hands the task back', async () => {
    const cmd = ['/opt/circleci/bin/circleci-agent', 'ignore=2,3,15', 'forever'];
    const fields = { readiness_file_path: '/shared/never', cmd };
    await using task = await PodTask.start({ image, fields, flags: [longGrace] });
    await task.ready();
    await task.container.stop(patience);
    expect(await task.finish()).toMatchObject({ status: 0, calls: ['unclaim'], left: [] });
  });

  test('lets the task end by itself within the grace period', async () => {
    const agent = [...running, 'wait-file=/shared/end'];
    await using task = await PodTask.start({ image, agent, flags: [longGrace] });
    await task.container.printed(/the agent runs/);
    const stopped = task.container.stop(patience);
    await task.container.printed(new RegExp(signal));
    await task.pod.touch('end');
    await stopped;
    expect(await task.finish()).toMatchObject({ status: 0, calls: [], left: [] });
  });

  test('ends a task that continues after the grace period, then reports it', async () => {
    const agent = [...running, 'forever'];
    await using task = await PodTask.start({ image, agent, flags: ['--termination-grace-period=500ms'] });
    await task.container.printed(/the agent runs/);
    await task.container.stop(patience);
    const ended = await task.finish();
    expect(ended).toMatchObject({ status: 0, calls: ['fail'], left: [] });
    expect(ended.message).toMatch(/interrupted.*evicted or deleted/s);
    expect(ended.message).toContain(signal);
  });

  test('leaves no process behind if a kill follows during the grace period', async () => {
    const agent = [...running, 'forever'];
    await using task = await PodTask.start({ image, agent, flags: [longGrace] });
    await task.container.printed(/the agent runs/);
    const stopped = task.container.stop(patience);
    await task.container.printed(new RegExp(signal));
    expect(await task.probe('/live')).toBe(200);
    await task.container.kill();
    await stopped;
    expect(await task.finish()).toMatchObject({ status: 137, calls: [], left: [] });
  });
});

test('a task that ignores SIGTERM is killed 2 s later, and then reported', async () => {
  const agent = ['ignore=15', ...running, 'forever'];
  await using task = await PodTask.start({ agent, flags: ['--termination-grace-period=0s'] });
  await task.container.printed(/the agent runs/);
  await task.container.stop(patience);
  expect(await task.finish()).toMatchObject({ status: 0, calls: ['fail'], left: [] });
});

test('a task that is handed back after the grace period is not running any more', async () => {
  const agent = ['ignore=15', ...running, 'forever'];
  const fields = { enable_unsafe_retries: true };
  await using task = await PodTask.start({ agent, fields, flags: ['--termination-grace-period=0s'] });
  await task.container.printed(/the agent runs/);
  await task.container.stop(patience);
  expect(await task.finish()).toMatchObject({ status: 0, calls: ['unclaim'], left: [] });
});

test('a container in which the orchestrator is not PID 1 ends the same way', async () => {
  const agent = [...running, 'forever'];
  const flags = ['--termination-grace-period=500ms'];
  await using task = await PodTask.start({ agent, flags, docker: ['--init'] });
  await task.container.printed(/the agent runs/);
  await waitFor('/live', async () => (await task.probe('/live')) === 200);
  await task.container.stop(patience);
  expect(await task.finish()).toMatchObject({ status: 0, calls: ['fail'], left: [] });
});
