import { existsSync } from 'node:fs';
import type { PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { describe, expect, test } from 'vitest';
import { memoryHierarchy } from '../../../internal/dev/testing/cgroup.ts';
import { runTaskPod } from './task-pod.ts';

/** With control groups of version 2, the kubelet has the kernel kill all of a container: memory.oom.group. */
const killsAll = !existsSync(memoryHierarchy);

function limitTo(memory: string) {
  return ({ containers: [container] }: PodSpec) => {
    Object.assign(container ?? {}, { resources: { requests: { memory }, limits: { memory } } });
  };
}

const compiler = ['fork', 'eat-memory=400', 'end', 'wait', 'stderr=my%20compiler%20crashed'];

describe('a task that needs more memory than its container may use', () => {
  test.each([
    [
      'a process of the agent',
      [...compiler, 'exit=1'],
      /exit status 1.*OOM killer.*128 MiB.*my compiler crashed/s,
    ],
    ['the agent', ['eat-memory=400'], /SIGKILL.*OOM killer.*128 MiB/s],
  ])('loses %s, and what the API learns is what the kubelet shows', async (_who, agent, words) => {
    const { end, calls, message, left } = await runTaskPod({ agent, adjust: limitTo('128Mi') });
    const exitCode = killsAll ? 137 : 0;
    expect({ end, left }).toMatchObject({ end: { exitCode, reason: 'OOMKilled' }, left: [] });
    expect(calls).toEqual(killsAll ? [] : ['fail']);
    if (killsAll) return;
    expect(message).toMatch(words);
    expect(end.message).toBe(message);
  });

  test('may end well all the same, which the kubelet calls OOMKilled', async () => {
    const { end, calls, left } = await runTaskPod({
      agent: [...compiler, 'exit=0'],
      adjust: limitTo('128Mi'),
    });
    const exitCode = killsAll ? 137 : 0;
    expect({ end, calls, left }).toMatchObject({
      end: { exitCode, reason: 'OOMKilled' },
      calls: [],
      left: [],
    });
  });
});

test('a container with less memory than PID 1 needs ends at once, and nothing is reported', async () => {
  const ended = await runTaskPod({ adjust: limitTo('8Mi') });
  expect(ended).toMatchObject({
    end: { exitCode: 137, reason: 'OOMKilled' },
    calls: [],
    left: [],
  });
});
