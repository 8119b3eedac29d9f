import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { childrenOf, zombiesOf } from '../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { taskLives } from './run-orchestrator.ts';
import { fileOnce, finish, runTaskToEnd, startTask, type TaskToRun } from './start-task.ts';

const nobody = ['sleep=0', 'exit=0'];

describe.each(taskLives)('an orchestrator, %s,', (life) => {
  test('leaves no zombie of 10,000 orphans while the task runs, and answers meanwhile', async () => {
    const directory = scratchFolder();
    const [go, done] = [join(directory, 'go'), join(directory, 'done')];
    const task = await startTask({
      life,
      agent: [`wait-file=${go}`, 'orphans=10000', 'say=orphaned', `wait-file=${done}`, 'exit=0'],
    });
    const { run } = task;
    const health = await run.healthUrl();
    await writeFile(go, '');
    await waitFor('the orphans', async () => {
      expect((await fetch(`${health}/live`)).status).toBe(200);
      return run.stdout.text.includes('orphaned');
    });
    await waitFor('no zombie', () => zombiesOf(run.pid) === 0);
    expect(childrenOf(run.pid)).toHaveLength(1);
    await writeFile(done, '');
    const ended = await finish(task);
    expect(ended).toMatchObject({ status: 0, calls: [] });
    expect(ended.stdout).toMatch(/orphans\.reaped=10000\b/);
  });

  test('leaves no zombie of orphans that end all at once, later', async () => {
    const done = join(scratchFolder(), 'done');
    const task = await startTask({ life, agent: ['late-orphans=3000', 'say=orphaned', `wait-file=${done}`] });
    await task.run.printed(/orphaned/);
    await waitFor('the agent alone', () => childrenOf(task.run.pid).length === 1);
    await writeFile(done, '');
    expect(await finish(task)).toMatchObject({ status: 0, calls: [] });
  });

  test('never confuses the exit status of the agent with that of an orphan', async () => {
    for (let round = 0; round < 5; round++) {
      const orphans = Array.from({ length: 50 }, (_, n) => ['daemon', `exit=${100 + n}`, 'end']).flat();
      const task = await runTaskToEnd({ life, agent: ['orphans=200', ...orphans, `exit=${40 + round}`] });
      expect(task).toMatchObject({ status: 0, calls: ['fail'] });
      expect(task.message).toContain(`exit status ${40 + round}.`);
    }
  });

  test('reaps while it waits for the readiness file', async () => {
    const readiness_file_path = join(scratchFolder(), 'ready');
    const task = await startTask({
      life,
      config: { readiness_file_path },
      entrypoint: ['orphans=100', 'say=orphaned', 'forever'],
    });
    await task.run.printed(/orphaned/);
    await waitFor('the entrypoint alone', () => childrenOf(task.run.pid).length === 1);
    await writeFile(readiness_file_path, '');
    expect((await finish(task)).status).toBe(0);
  });

  test('ends at once when no process is left', { tags: ['timed'] }, async () => {
    const timeToEnd = async () => {
      const task = await startTask({ life, agent: ['say=ending'] });
      await task.run.printed(/ending/);
      const start = performance.now();
      await task.run.ended;
      return performance.now() - start;
    };
    // The original idled 2 s. On a busy machine a task may take as long, but not every task.
    await waitFor('a task that ends at once', async () => (await timeToEnd()) < 1900);
  });

  test('ends even if a daemon holds stderr, and has the output so far', {
    tags: ['quick'],
  }, async () => {
    const task = await runTaskToEnd({
      life,
      agent: ['daemon', 'ignore=all', 'forever', 'end', 'stderr=last%20words', 'exit=3'],
    });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(task.message).toContain('exit status 3');
    expect(task.message).toContain('last words');
  });

  test('leaves nothing running: group members, daemons, stopped ones, their children, the entrypoint', {
    tags: ['quick', 'timed'],
  }, async () => {
    const ready = join(scratchFolder(), 'ready');
    const stubborn = ['ignore=all', 'fork', 'ignore=all', 'forever', 'end', 'forever', 'end'];
    const task = await startTask({
      life,
      entrypoint: ['ignore=all', 'daemon', ...stubborn, 'say=entrypoint%20ready', 'forever'],
      agent: [
        ...['fork', ...stubborn],
        ...['daemon', ...stubborn],
        ...['daemon', 'stop', 'forever', 'end'],
        ...['say=agent%20ready', `wait-file=${ready}`],
      ],
    });
    await task.run.printed(/entrypoint ready/);
    await writeFile(ready, '');
    expect(await finish(task)).toMatchObject({ status: 0, calls: [] });
    expect(task.run.survivors()).toEqual([]);
  });

  test.each<[string, 'fail' | 'unclaim', TaskToRun]>([
    ['has failed', 'fail', { agent: ['exit=3'] }],
    ['cannot be started', 'unclaim', { config: { task_agent_path: '/no/such/agent' } }],
    ['has no user', 'fail', { config: { user: 'no-such-user' } }],
    [
      'needs a file that a signal ends the wait for',
      'unclaim',
      { config: { readiness_file_path: '/no/file' } },
    ],
  ])('the runner API is told only when nothing runs any more: the agent %s', async (_agent, call, toRun) => {
    const { promise: seen, resolve: answer } = Promise.withResolvers<void>();
    const task = await startTask({
      ...toRun,
      life,
      entrypoint: ['ignore=all', 'daemon', 'ignore=all', 'forever', 'end', 'forever'],
      answers: { [call]: [{ after: seen }] },
    });
    if (toRun.config?.readiness_file_path !== undefined) {
      await task.run.printed(/waiting for the readiness file/);
      task.run.signal('SIGTERM');
    }
    await task.api.until((requests) => requests.length === 1);
    expect(task.run.survivors()).toEqual([]);
    answer();
    expect(await finish(task)).toMatchObject({ status: 0, calls: [call] });
  });

  test('the message says so if somebody else sends SIGKILL to the agent', async () => {
    const task = await runTaskToEnd({ life, agent: ['raise=9'] });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(task.message).toContain('SIGKILL');
  });
});

test.each(['pid 1', 'under an init'] as const)(
  'a process that forks and exits for ever is ended, %s',
  { tags: ['not-emulated/fast-forks', 'timed'] },
  async (life) => {
    const task = await runTaskToEnd({ life, agent: ['runaway', 'runaway', 'sleep=100', ...nobody] });
    expect(task).toMatchObject({ status: 0, calls: [] });
    expect(task.stdout).not.toContain('left behind');
  },
);

test('an entrypoint that ends early leaves its daemons to the task', async () => {
  const directory = scratchFolder();
  const [ready, done, file] = ['ready', 'done', 'daemon'].map((name) => join(directory, name));
  const task = await startTask({
    entrypoint: ['daemon', `into=${file}`, 'say=alive', `wait-file=${ready}`, 'say=still', 'forever', 'end'],
    agent: [`wait-file=${done}`],
  });
  await task.run.printed(/entrypoint.*exit status 0/);
  await writeFile(ready ?? '', '');
  await fileOnce(file ?? '', /still/);
  await writeFile(done ?? '', '');
  expect((await finish(task)).status).toBe(0);
  expect(task.run.survivors()).toEqual([]);
});

test('processes of a script that became the orchestrator are reaped, and ended with the task', async () => {
  const done = join(scratchFolder(), 'done');
  const task = await startTask({
    through: ['/bin/sh', '-c', 'sleep 0.3 & sleep 100000 & exec "$@"', 'sh'],
    agent: [`wait-file=${done}`],
  });
  await task.run.printed(/task agent started/);
  await waitFor('no zombie', () => childrenOf(task.run.pid).length === 2 && zombiesOf(task.run.pid) === 0);
  await writeFile(done, '');
  expect(await finish(task)).toMatchObject({ status: 0, calls: [] });
  expect(task.run.survivors()).toEqual([]);
});

test('an unreachable process that holds the stderr of the agent does not delay the end', async () => {
  const done = join(scratchFolder(), 'done');
  const task = await startTask({ agent: [`wait-file=${done}`, 'stderr=last%20words', 'exit=3'] });
  await task.run.printed(/task agent started/);
  const [pid] = childrenOf(task.run.pid);
  await using held = await open(`/proc/${pid}/fd/2`, 'w');
  await writeFile(done, '');
  const ended = await finish(task);
  expect(ended).toMatchObject({ status: 0, calls: ['fail'] });
  expect(ended.message).toContain('last words');
  expect(held.fd).toBeGreaterThan(0);
});
