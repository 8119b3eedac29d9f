import { existsSync } from 'node:fs';
import type { PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { describe, expect, test } from 'vitest';
import { memoryHierarchy } from '../../../internal/dev/testing/cgroup.ts';
import { runTaskPod } from './task-pod.ts';

/** With control groups of version 2, the kubelet makes the kernel kill the whole container: memory.oom.group. */
const killsAll = !existsSync(memoryHierarchy);

/**
 * The end of a container whose PID 1 was killed. Only the Pod says so. The reason is OOMKilled, or Error if the runtime
 * hears of the end before it hears of the OOM killer.
 */
const killed = {
  end: {
    exitCode: 137,
    message: expect.stringContaining('was killed while the task was running'),
  },
  calls: [],
  left: [],
};

/** The end of a container whose PID 1 continues, as the kubelet also sees it. */
const goesOn = { end: { exitCode: 0, reason: 'OOMKilled' }, left: [] };

const compiler = ['fork', 'eat-memory=400', 'end', 'wait', 'stderr=my%20compiler%20crashed'];

describe('a task that needs more memory than its container may use', () => {
  test.each([
    [
      'a process of the agent',
      [...compiler, 'exit=1'],
      /exit status 1.*OOM killer.*128 MiB.*compiler crashed/s,
    ],
    ['the agent', ['eat-memory=400'], /SIGKILL.*OOM killer.*128 MiB/s],
  ])('loses %s, and what the API learns is what the kubelet shows', async (_who, agent, words) => {
    const ended = await runTaskPod({ agent, adjust: limitTo('128Mi') });
    expect(ended).toMatchObject(killsAll ? killed : { ...goesOn, calls: ['fail'] });
    expect(ended.message).toMatch(killsAll ? /^$/ : words);
    expect(ended.end.message).toContain(ended.message);
  });

  test('may still succeed', async () => {
    const ended = await runTaskPod({ agent: [...compiler, 'exit=0'], adjust: limitTo('128Mi') });
    expect(ended).toMatchObject(killsAll ? killed : { ...goesOn, calls: [] });
  });

  test('also ends PID 1 if a volume holds the memory, unless the kernel finds some for the report', async () => {
    const adjust = (spec: PodSpec) => {
      limitTo('128Mi')(spec);
      const shared = spec.volumes?.find(({ name }) => name === 'shared');
      Object.assign(shared ?? {}, { emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } });
    };
    const ended = await runTaskPod({ agent: ['into=/shared/file', 'print=/dev/zero'], adjust });
    // The volume outlives all processes. The agent's own memory, or pages of a file, may be enough for PID 1.
    expect(ended).toMatchObject(ended.calls.length === 0 ? killed : { ...goesOn, calls: ['fail'] });
  });
});

test('a container with less memory than PID 1 needs ends at once, and nothing is reported', async () => {
  const ended = await runTaskPod({ adjust: limitTo('8Mi') });
  expect(ended).toMatchObject({ end: { exitCode: 137 }, calls: [], left: [] });
});

function limitTo(memory: string) {
  return ({ containers: [container] }: PodSpec) => {
    Object.assign(container ?? {}, { resources: { requests: { memory }, limits: { memory } } });
  };
}
