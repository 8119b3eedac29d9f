import { describe, expect, test } from 'vitest';
import { runContainer } from '../../../internal/dev/testing/containers/container.ts';
import { orchestrator, programsVolume } from './container-task.ts';
import { PodTask, runPodTask } from './pod-task.ts';

const limitedTo = (mib: number) => ['--memory', `${mib}m`, '--memory-swap', `${mib}m`];

describe('a task that needs more memory than its container may use', () => {
  test('fails when the kernel has killed one of its processes, and the message says why', async () => {
    const agent = ['fork', 'eat-memory=400', 'end', 'wait', 'stderr=my%20compiler%20crashed', 'exit=1'];
    const ended = await runPodTask({ agent, docker: limitedTo(128) });
    expect(ended).toMatchObject({ status: 0, calls: ['fail'], left: [] });
    expect(ended.message).toMatch(/exit status 1.*OOM killer.*128 MiB.*my compiler crashed/s);
  });

  test('fails when the kernel has killed the agent itself, and the message says why', async () => {
    const ended = await runPodTask({ agent: ['eat-memory=400'], docker: limitedTo(128) });
    expect(ended).toMatchObject({ status: 0, calls: ['fail'], left: [] });
    expect(ended.message).toMatch(/SIGKILL.*OOM killer.*128 MiB/s);
  });

  // The highest oom_score_adj weighs as much as the limit, rounded down to whole thousands of pages. So in the smallest
  // container only processes of some size weigh more than the orchestrator at its busiest.
  test.each([
    [32, 3, 16],
    [48, 24, 3],
    [64, 24, 4],
    [256, 24, 16],
  ])('loses its own processes and not its reporter: %d MiB, %d processes of %d', async (mib, count, each) => {
    const small = ['fork', `eat-memory=${each}`, 'forever', 'end'];
    // There is not enough memory for all of them, so one will end.
    const agent = [...Array.from({ length: count }, () => small).flat(), 'wait-child', 'exit=1'];
    const ended = await runPodTask({ agent, docker: limitedTo(mib) });
    expect(ended).toMatchObject({ status: 0, calls: ['fail'], left: [] });
    expect(ended.message).toContain(`memory limit: ${mib} MiB`);
  });

  test('does not fail because of the death of a daemon that it left behind', async () => {
    const agent = ['daemon', 'eat-memory=400', 'end', 'sleep=1000'];
    expect(await runPodTask({ agent, docker: limitedTo(128) })).toMatchObject({
      status: 0,
      calls: [],
      left: [],
    });
  });
});

test('a foreign process in the container is killed before the orchestrator', async () => {
  const agent = ['say=the%20agent%20runs', 'wait-file=/shared/end'];
  await using task = await PodTask.start({ agent, docker: limitedTo(256) });
  await task.container.printed(/the agent runs/);
  const eater = await task.container.exec('/opt/circleci/bin/circleci-agent', 'eat-memory=400');
  expect(eater.status).toBe(137);
  await task.pod.touch('end');
  expect(await task.finish()).toMatchObject({ status: 0, calls: [], left: [] });
});

test('a container with less memory than the orchestrator needs ends at once', async () => {
  const command = orchestrator('--version');
  const flags = [...programsVolume(), ...limitedTo(8)];
  const { status } = await runContainer({ image: 'scratch', command, flags });
  expect([1, 137]).toContain(status);
});
