import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { lives, runTask } from './start-task.ts';

const hierarchy = '/sys/fs/cgroup/memory';
const available = isRoot && existsSync(join(hierarchy, 'memory.limit_in_bytes'));

/** A memory cgroup (version 1) that is gone after the test. */
async function memoryCgroup(limitMib: number): Promise<string> {
  const directory = join(hierarchy, `acceptance-${randomUUID()}`);
  await mkdir(directory);
  onTestFinished(async () => {
    const remove = () =>
      rmdir(directory).then(
        () => true,
        () => false,
      );
    await waitFor('an empty cgroup', remove);
  });
  await writeFile(join(directory, 'memory.limit_in_bytes'), String(limitMib * 2 ** 20));
  return directory;
}

const enter = (cgroup: string) => ['sh', '-c', `echo $$ > ${cgroup}/cgroup.procs && exec "$@"`, 'sh'];

describe.runIf(available).each(lives)('when memory runs out, %s,', (life) => {
  test('the task is killed, not the orchestrator, and the message says so with the limit', async () => {
    const cgroup = await memoryCgroup(200);
    const task = await runTask({ life, through: enter(cgroup), agent: ['eat-memory=400', 'exit=0'] });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(task.message).toContain('SIGKILL');
    expect(task.message).toMatch(/OOM killer.*200 MiB/);
  });

  test('a process of the job that is killed is told too', async () => {
    const cgroup = await memoryCgroup(200);
    const agent = ['fork', 'eat-memory=400', 'end', 'wait', 'stderr=a%20child%20was%20killed', 'exit=1'];
    const task = await runTask({ life, through: enter(cgroup), agent });
    expect(task.message).toContain('exit status 1');
    expect(task.message).toMatch(/OOM killer.*200 MiB/);
  });

  test('many small processes are taken before the orchestrator', async () => {
    const cgroup = await memoryCgroup(200);
    const child = ['fork', 'eat-memory=20', 'forever', 'end'];
    const children = Array.from({ length: 20 }, () => child).flat();
    const agent = [...children, 'eat-memory=30', 'sleep=500', 'exit=1'];
    const task = await runTask({
      life,
      through: enter(cgroup),
      agent: [...agent.slice(0, -2), 'eat-memory=30', 'sleep=500', 'exit=1'],
    });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(task.message).toMatch(/OOM killer/);
  });

  test('nothing is said of it when it did not', async () => {
    const cgroup = await memoryCgroup(200);
    const task = await runTask({ life, through: enter(cgroup), agent: ['raise=9'] });
    expect(task.message).toContain('SIGKILL');
    expect(task.message).not.toContain('OOM killer');
  });
});

test.runIf(available)('32 MiB are enough for the orchestrator, to report a failure too', async () => {
  const cgroup = await memoryCgroup(32);
  const task = await runTask({
    life: 'pid 1',
    through: enter(cgroup),
    agent: ['stderr-bytes=1000000', 'exit=3'],
  });
  expect(task).toMatchObject({ status: 0, calls: ['fail'] });
  expect(task.message).not.toContain('OOM killer');
});

test('the agent and the entrypoint are offered to the OOM killer first', async () => {
  const task = await runTask({ agent: ['print=/proc/self/oom_score_adj'] });
  const own = Number(readFileSync('/proc/self/oom_score_adj', 'latin1'));
  expect(Number(/^(-?\d+)$/m.exec(task.stdout)?.[1])).toBeGreaterThan(own);
});
