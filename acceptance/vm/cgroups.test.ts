import { describe, expect, test } from 'vitest';
import { agentOfRows, expectWorks } from '../orchestrator/node-outcomes.ts';
import { bootNode, type EndedTaskOnNode, expectRefusedOnNode } from './node.ts';

// A node with control groups of version 2, like those of every current Kubernetes.

const node = bootNode();

const eater = ['eat-memory=400'];

/** The kernel has killed PID 1, so only the termination log says why. */
function expectKilled(task: EndedTaskOnNode): void {
  expect(task).toMatchObject({ status: 137, calls: [] });
  expect(task.terminationLog).toMatch(
    /^Nobody was told how the task has ended\. The orchestrator was killed while/,
  );
}

function expectReported(task: EndedTaskOnNode, limit: string): void {
  expect(task).toMatchObject({ status: 0, calls: ['fail'] });
  expect(task.message).toContain('SIGKILL');
  expect(task.message).toMatch(new RegExp(`OOM killer.*${limit}`));
  expect(task.terminationLog).toBe(task.message);
}

describe.each([
  ['with a cgroup namespace', true],
  ['without one', false],
])('in a container %s', (_title, cgroupNamespace) => {
  test('32 MiB are enough for the orchestrator, to report a failure too', { tags: ['quick'] }, async () => {
    const agent = ['stderr-bytes=1000000', 'exit=3'];
    const task = await node.runTask({ cgroupNamespace, memoryMebibytes: 32, agent });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(task.message).not.toContain('OOM killer');
  });

  test('if the kernel kills one process, it is one of the task, and the message has the limit', async () => {
    expectReported(await node.runTask({ cgroupNamespace, memoryMebibytes: 128, agent: eater }), '128 MiB');
  });

  test('if it kills the whole container, the termination log says so', async () => {
    expectKilled(await node.runTask({ cgroupNamespace, memoryMebibytes: 128, oomGroup: true, agent: eater }));
  });

  test('with CAP_SYS_RESOURCE, the orchestrator survives and reports that', {
    tags: ['quick'],
  }, async () => {
    const capabilities = ['SYS_RESOURCE'];
    const limits = { memoryMebibytes: 128, oomGroup: true };
    const task = await node.runTask({ cgroupNamespace, ...limits, capabilities, agent: eater });
    expectReported(task, '128 MiB');
  });

  test.each([1, 4, 7])('of at most %d processes, a task is refused in one line', async (pids) => {
    expectRefusedOnNode(await node.runTask({ cgroupNamespace, pids, agent: agentOfRows }), /pids limit/);
  });

  test.each([8, 14])('of at most %d processes, a task works', async (pids) => {
    expectWorks(await node.runTask({ cgroupNamespace, pids, agent: agentOfRows }));
  });

  test.each([12, 14])('if ten of %d processes are taken, a task is refused in one line', async (pids) => {
    const before = 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1000 & done; exec "$@"';
    expectRefusedOnNode(
      await node.runTask({ cgroupNamespace, pids, before, agent: agentOfRows }),
      /pids limit/,
    );
  });

  test('with a tenth of a processor, a task works', async () => {
    expectWorks(await node.runTask({ cgroupNamespace, cpus: 0.1, agent: agentOfRows }));
  });
});

describe.each([
  ['a volume in memory', { memoryVolume: true, agent: ['into=/shared/file', 'print=/dev/zero'] }],
  ['System V shared memory', { agent: ['fill-shared-memory=400'] }],
])('if %s has filled the container', (_what, task) => {
  const limits = { memoryMebibytes: 128, oomGroup: true };

  test('the orchestrator is killed', async () => {
    expectKilled(await node.runTask({ ...limits, ...task }));
  });

  test('with CAP_SYS_RESOURCE, it ends with a line', async () => {
    const ended = await node.runTask({ ...limits, ...task, capabilities: ['SYS_RESOURCE'] });
    expect(ended).toMatchObject({ status: 1, calls: [] });
    expect(ended.stderr).toMatch(/^orchestrator: this process got no further.*files in memory[^\n]*\n$/);
    expect(ended.terminationLog).toBe(ended.stderr);
  });
});

test('with CAP_SYS_RESOURCE, 32 MiB beside files in memory are enough to report', async () => {
  const limits = { memoryMebibytes: 97, oomGroup: true, capabilities: ['SYS_RESOURCE'] };
  const before = 'dd if=/dev/zero of=/dev/shm/file bs=1M count=64 2>/dev/null; exec "$@"';
  expectReported(await node.runTask({ ...limits, before, agent: eater }), '97 MiB');
});

test('with CAP_SYS_RESOURCE, the job is as likely to be killed as without', async () => {
  // The orchestrator exempts itself after the agent's start. The machine's clock counts instructions, so 5 s are enough.
  const agent = ['sleep=5000', 'print=/proc/1/oom_score_adj', 'print=/proc/self/oom_score_adj'];
  const limits = { memoryMebibytes: 1000, oomScoreAdj: 300 };
  const scores = async (capabilities: readonly string[]) => {
    const { stdout } = await node.runTask({ ...limits, capabilities, agent });
    return stdout.match(/^-?\d+$/gm);
  };
  expect(await scores([])).toEqual(['300', '400']);
  expect(await scores(['SYS_RESOURCE'])).toEqual(['-1000', '400']);
});

test('a task works if vm.memfd_noexec forbids executing files in memory', {
  tags: ['quick'],
}, async () => {
  const before = 'echo 2 >/proc/sys/vm/memfd_noexec && exec "$@"';
  expectWorks(await node.runTask({ before, capabilities: ['SYS_ADMIN'], agent: agentOfRows }));
});

test('a task works if the clock is in 1970', async () => {
  await node.run('date +%s >/run/now && date -s "1970-01-01 00:00:10"');
  try {
    expectWorks(await node.runTask({ agent: agentOfRows }));
  } finally {
    await node.run('date -s "@$(cat /run/now)"');
  }
});
