/** @module-tag timed */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateOf } from '../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { taskLives } from './run-orchestrator.ts';
import { fileOnce, finish, startTask } from './start-task.ts';

const signals = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
const cases = taskLives.flatMap((life) => signals.map((signal) => ({ life, signal })));
const longGrace = '--termination-grace-period=10m';

describe.each(cases)('$signal to an orchestrator, $life,', ({ life, signal }) => {
  test('before the agent hands the task back at once, without starting it', async () => {
    const directory = scratchFolder();
    const started = join(directory, 'started');
    const task = await startTask({
      life,
      flags: [longGrace],
      config: { readiness_file_path: join(directory, 'never') },
      agent: [`touch=${started}`],
    });
    await task.run.healthUrl();
    task.run.signal(signal);
    const ended = await finish(task);
    expect(ended).toMatchObject({ status: 0, calls: ['unclaim'] });
    expect(ended.stdout).toContain(signal);
    await expect(stat(started)).rejects.toThrow('ENOENT');
  });

  test('lets the task finish by itself within the grace period, and makes no call', async () => {
    const done = join(scratchFolder(), 'done');
    const task = await startTask({ life, flags: [longGrace], agent: [`wait-file=${done}`] });
    await task.run.printed(/task agent started/);
    task.run.signal(signal);
    await task.run.printed(new RegExp(signal));
    await writeFile(done, '');
    expect(await finish(task)).toMatchObject({ status: 0, calls: [] });
  });

  test('ends a task that continues after the grace period, and says so', { tags: ['quick'] }, async () => {
    const file = join(scratchFolder(), 'agent');
    const task = await startTask({
      life,
      flags: ['--termination-grace-period=300ms'],
      agent: [`into=${file}`, 'trap=1,2,3,15', 'say=listening', 'wait-signals=1', 'exit=0'],
    });
    await fileOnce(file, /listening/);
    task.run.signal(signal);
    const ended = await finish(task);
    expect(ended).toMatchObject({ status: 0, calls: ['fail'] });
    expect(ended.message).toMatch(/still running.*interrupted.*evicted or deleted/);
    expect(ended.message).toContain(signal);
    expect(ended.message).toMatch(/300 ?ms|0\.3 ?s/);
    expect(await fileOnce(file, /got/)).toBe('listening\ngot 15\n');
  });
});

test.each(taskLives)('an agent that ignores SIGTERM gets SIGKILL 2 s later, %s', async (life) => {
  const task = await startTask({
    life,
    flags: ['--termination-grace-period=0s'],
    agent: ['ignore=15', 'say=ignoring', 'forever'],
  });
  await task.run.printed(/ignoring/);
  const start = performance.now();
  task.run.signal('SIGTERM');
  const ended = await finish(task);
  expect(performance.now() - start).toBeGreaterThanOrEqual(1990);
  expect(ended).toMatchObject({ status: 0, calls: ['fail'] });
  expect(ended.message).toContain('interrupted');
});

test('a task that is handed back after the grace period is not running here any more', async () => {
  const task = await startTask({
    config: { enable_unsafe_retries: true },
    flags: ['--termination-grace-period=0s'],
    answers: { unclaim: [{ fault: 'hang' }] },
    agent: [
      'ignore=15',
      'fork',
      'ignore=15',
      'forever',
      'end',
      'daemon',
      'ignore=15',
      'forever',
      'end',
      'say=ready',
      'forever',
    ],
  });
  await task.run.printed(/ready/);
  expect(task.run.survivors().length).toBeGreaterThanOrEqual(3);
  task.run.signal('SIGTERM');
  await task.api.until((requests) => requests.some(({ call }) => call === 'unclaim'));
  expect(task.run.survivors()).toEqual([]);
});

test('the whole group of the agent gets SIGTERM', async () => {
  const directory = scratchFolder();
  const file = join(directory, 'child');
  const task = await startTask({
    flags: ['--termination-grace-period=0s'],
    agent: ['fork', `into=${file}`, 'trap=15', 'say=listening', 'forever', 'end', 'ignore=15', 'forever'],
  });
  await fileOnce(file, /listening/);
  task.run.signal('SIGTERM');
  expect((await finish(task)).status).toBe(0);
  expect(await fileOnce(file, /got/)).toBe('listening\ngot 15\n');
});

test('an agent that fails within the grace period is reported as an ordinary failure', async () => {
  const done = join(scratchFolder(), 'done');
  const task = await startTask({ flags: [longGrace], agent: [`wait-file=${done}`, 'exit=9'] });
  await task.run.printed(/task agent started/);
  task.run.signal('SIGTERM');
  await task.run.printed(/SIGTERM/);
  await writeFile(done, '');
  const ended = await finish(task);
  expect(ended).toMatchObject({ status: 0, calls: ['fail'] });
  expect(ended.message).toMatch(/exit status 9\. .*received SIGTERM.*evicted or deleted/);
});

test('the shutdown delay comes before the grace period', async () => {
  const task = await startTask({
    flags: ['--shutdown-delay=700ms', '--termination-grace-period=500ms'],
    agent: ['say=running', 'forever'],
  });
  await task.run.printed(/running/);
  const start = performance.now();
  task.run.signal('SIGTERM');
  expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
  expect(performance.now() - start).toBeGreaterThanOrEqual(1190);
});

test('the shutdown delay is cut short by the end of the task', async () => {
  const done = join(scratchFolder(), 'done');
  const task = await startTask({ flags: ['--shutdown-delay=1h', longGrace], agent: [`wait-file=${done}`] });
  await task.run.printed(/task agent started/);
  task.run.signal('SIGTERM');
  await task.run.printed(/SIGTERM/);
  await writeFile(done, '');
  expect(await finish(task)).toMatchObject({ status: 0, calls: [] });
});

test('a task that has not begun is handed back without the shutdown delay', async () => {
  const task = await startTask({
    flags: ['--shutdown-delay=1h', longGrace],
    config: { readiness_file_path: '/nowhere/at/all' },
  });
  await task.run.healthUrl();
  task.run.signal('SIGTERM');
  expect(await finish(task)).toMatchObject({ status: 0, calls: ['unclaim'] });
});

test.each(signals)(
  'a second signal (%s) neither shortens nor extends the periods of the first',
  async (second) => {
    const task = await startTask({
      flags: ['--termination-grace-period=800ms'],
      agent: ['say=running', 'forever'],
    });
    await task.run.printed(/running/);
    const start = performance.now();
    task.run.signal('SIGTERM');
    await task.run.printed(/SIGTERM/);
    task.run.signal(second);
    const ended = await finish(task);
    expect(performance.now() - start).toBeGreaterThanOrEqual(790);
    expect(ended).toMatchObject({ status: 0, calls: ['fail'] });
    expect(ended.message).toContain('SIGTERM');
  },
);

test('signals while the failure is being reported do not end the report', async () => {
  const { promise: seen, resolve: answer } = Promise.withResolvers<void>();
  const task = await startTask({ answers: { fail: [{ after: seen }] }, agent: ['exit=1'] });
  await task.api.until((requests) => requests.length === 1);
  for (const signal of [...signals, 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) task.run.signal(signal);
  answer();
  expect(await finish(task)).toMatchObject({ status: 0, signal: null, calls: ['fail'] });
});

test('a signal right after the start of the entrypoint ends the wait and the entrypoint', async () => {
  const task = await startTask({
    entrypoint: ['ignore=15', 'say=entrypoint%20runs', 'forever'],
    config: { readiness_file_path: '/nowhere/at/all' },
  });
  await task.run.printed(/entrypoint runs/);
  task.run.signal('SIGTERM');
  expect(await finish(task)).toMatchObject({ status: 0, calls: ['unclaim'] });
  expect(task.run.survivors()).toEqual([]);
});

test('a stopped agent is ended, too', async () => {
  const task = await startTask({
    flags: ['--termination-grace-period=0s'],
    agent: ['say=stopping', 'stop', 'forever'],
  });
  await task.run.printed(/stopping/);
  task.run.signal('SIGTERM');
  expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
  expect(task.run.survivors()).toEqual([]);
});

test('a termination that the runner API refuses ends with 1', async () => {
  const answers = { fail: [{ status: 403 }] };
  const task = await startTask({
    answers,
    flags: ['--termination-grace-period=0s'],
    agent: ['say=running', 'forever'],
  });
  await task.run.printed(/running/);
  task.run.signal('SIGTERM');
  expect(await finish(task)).toMatchObject({ status: 1, calls: ['fail'] });
});

test('children die when SIGKILL ends the orchestrator', {
  tags: ['not-emulated/subreaper'],
}, async () => {
  const task = await startTask({
    entrypoint: ['ignore=15', 'say=entrypoint%20runs', 'forever'],
    agent: ['ignore=15', 'say=agent%20runs', 'forever'],
  });
  await task.run.printed(/agent runs/);
  await task.run.printed(/entrypoint runs/);
  const children = task.run.survivors();
  expect(children).toHaveLength(2);
  task.run.signal('SIGKILL');
  expect(await finish(task)).toMatchObject({ signal: 'SIGKILL' });
  await waitFor('the end of the children', () => children.every((pid) => ['', 'Z'].includes(stateOf(pid))));
});
