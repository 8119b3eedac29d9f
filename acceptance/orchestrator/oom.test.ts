import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canLimitMemory, limitMemory } from '../../internal/dev/testing/cgroup.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { taskLives } from './run-orchestrator.ts';
import { runTaskToEnd } from './start-task.ts';

/** A memory cgroup that is removed after the test. */
const memoryCgroup = (limitMib: number) => untilTestEnds(limitMemory(limitMib));

describe.runIf(canLimitMemory).each(taskLives)('when memory runs out, %s,', (life) => {
  test('the task is killed, not the orchestrator, and the message says so with the limit', async () => {
    const { enter } = memoryCgroup(200);
    const task = await runTaskToEnd({ life, through: enter, agent: ['eat-memory=400', 'exit=0'] });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(task.message).toContain('SIGKILL');
    expect(task.message).toMatch(/OOM killer.*200 MiB/);
  });

  test('the message also says so if a process of the job is killed', async () => {
    const { enter } = memoryCgroup(200);
    const agent = ['fork', 'eat-memory=400', 'end', 'wait', 'stderr=a%20child%20was%20killed', 'exit=1'];
    const task = await runTaskToEnd({ life, through: enter, agent });
    expect(task.message).toContain('exit status 1');
    expect(task.message).toMatch(/OOM killer.*200 MiB/);
  });

  test('many small processes are killed before the orchestrator', {
    tags: ['not-emulated/little-memory'],
  }, async () => {
    const { enter } = memoryCgroup(200);
    const child = ['fork', 'eat-memory=20', 'forever', 'end'];
    const children = Array.from({ length: 20 }, () => child).flat();
    // There is not enough memory for all of them, so one will end.
    const agent = [...children, 'eat-memory=30', 'wait-child', 'exit=1'];
    const task = await runTaskToEnd({ life, through: enter, agent });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(task.message).toMatch(/OOM killer/);
  });

  test('the message says nothing if it does not', async () => {
    const { enter } = memoryCgroup(200);
    const task = await runTaskToEnd({ life, through: enter, agent: ['raise=9'] });
    expect(task.message).toContain('SIGKILL');
    expect(task.message).not.toContain('OOM killer');
  });
});

test.runIf(canLimitMemory)(
  '32 MiB are enough for the orchestrator, to report a failure too',
  { tags: ['not-emulated/little-memory'] },
  async () => {
    const { enter } = memoryCgroup(32);
    const task = await runTaskToEnd({
      life: 'pid 1',
      through: enter,
      agent: ['stderr-bytes=1000000', 'exit=3'],
    });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(task.message).not.toContain('OOM killer');
  },
);

test('the agent and the entrypoint are offered to the OOM killer first', async () => {
  const task = await runTaskToEnd({ agent: ['print=/proc/self/oom_score_adj'] });
  const own = Number(readFileSync('/proc/self/oom_score_adj', 'latin1'));
  expect(Number(/^(-?\d+)$/m.exec(task.stdout)?.[1])).toBeGreaterThan(own);
});
