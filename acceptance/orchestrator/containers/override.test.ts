import { describe, expect, test } from 'vitest';
import { PodTask, runPodTask, type TaskInPod } from './pod-task.ts';

const patience = 100;
const running = ['daemon', 'ignore=15', 'forever', 'end', 'say=the%20agent%20runs'];

describe.each([
  ['debian', 'tini,-g,--'],
  ['debian', '/usr/bin/dumb-init,--'],
  ['debian', 'dumb-init,--single-child,--'],
  ['debian', 'bash,-c,exec "$@",bash'],
  ['tini', '/tini,-g,--'],
  ['busybox', '/entrypoint.sh'],
])('override in %s by %s', (image, entrypoint) => {
  const start = (task: TaskInPod = {}) => PodTask.start({ image, entrypoint, ...task });

  test('runs a successful task', async () => {
    await using task = await start({ agent: ['say=the%20agent%20runs'] });
    const ended = await task.finish();
    expect(ended).toMatchObject({ status: 0, stderr: '', calls: [], left: [] });
    expect(ended.stdout).toContain('the agent runs\n');
  });

  test('reports a task that fails, once nothing of it runs', async () => {
    await using task = await start({
      agent: ['daemon', 'ignore=15', 'forever', 'end', 'orphans=20', 'exit=42'],
    });
    const ended = await task.finish();
    expect(ended).toMatchObject({ status: 0, calls: ['fail'], left: [] });
    expect(ended.message).toContain('exit status 42');
  });

  test('hands a task back that is stopped while it waits for the readiness file', async () => {
    await using task = await start({ fields: { readiness_file_path: '/shared/never' } });
    await task.ready();
    await task.container.stop(patience);
    expect(await task.finish()).toMatchObject({ status: 0, calls: ['unclaim'], left: [] });
  });

  test('lets a task that is stopped end by itself', async () => {
    const agent = [...running, 'wait-file=/shared/end'];
    await using task = await start({ agent, flags: ['--termination-grace-period=10m'] });
    await task.container.printed(/the agent runs/);
    const stopped = task.container.stop(patience);
    await task.container.printed(/SIGTERM/);
    await task.pod.touch('end');
    await stopped;
    expect(await task.finish()).toMatchObject({ status: 0, calls: [], left: [] });
  });

  test('ends and reports a task that continues after the grace period', { tags: ['timed'] }, async () => {
    await using task = await start({
      agent: [...running, 'forever'],
      flags: ['--termination-grace-period=500ms'],
    });
    await task.container.printed(/the agent runs/);
    await task.container.stop(patience);
    const ended = await task.finish();
    expect(ended).toMatchObject({ status: 0, calls: ['fail'], left: [] });
    expect(ended.message).toMatch(/500ms.*interrupted/s);
  });

  test('leaves nothing behind when it is killed', async () => {
    await using task = await start({ agent: [...running, 'forever'] });
    await task.container.printed(/the agent runs/);
    expect(task.processes()).not.toEqual([]);
    await task.container.kill();
    expect(await task.finish()).toMatchObject({ status: 137, calls: [], left: [] });
  });
});

test.each([
  ['sigint', 'SIGINT'],
  ['sigquit', 'SIGQUIT'],
])(
  'a script as the entrypoint, image %s, becomes the orchestrator, which passes %s on',
  async (image, signal) => {
    const fields = { readiness_file_path: '/shared/never' };
    await using task = await PodTask.start({ image, entrypoint: '/entrypoint.sh', fields });
    await task.ready();
    await task.container.stop(patience);
    const ended = await task.finish();
    expect(ended).toMatchObject({ status: 0, calls: ['unclaim'], left: [] });
    expect(ended.stdout).toContain(signal);
  },
);

test('variables that the entrypoint adds reach the agent', async () => {
  const ended = await runPodTask({ entrypoint: '/entrypoint.sh', agent: ['print=/proc/self/environ'] });
  expect(ended.stdout).toContain('\0SET_BY_ENTRYPOINT=yes\0');
  expect(ended.stdout).not.toContain('CIRCLECI_GOAT');
});

test.each(['no-such-program', '/no/such/program', '/bin', '/plain-text'])(
  'an entrypoint that cannot be executed (%j) is reported',
  async (entrypoint) => {
    const ended = await runPodTask({ entrypoint });
    expect(ended).toMatchObject({ status: 0, calls: ['fail'], left: [] });
    expect(ended.message).toContain(entrypoint);
  },
);
