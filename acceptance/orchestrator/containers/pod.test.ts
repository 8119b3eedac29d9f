import { describe, expect, inject, test } from 'vitest';
import { newName, runContainer, runLabels } from '../../../internal/dev/testing/containers/container.ts';
import { docker } from '../../../internal/dev/testing/containers/docker.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { PodTask, runPodTask } from './pod-task.ts';

const well = { status: 0, calls: [], left: [] };

describe('a task in a Pod', () => {
  test('starts when another container has written the readiness file, and succeeds', async () => {
    await using task = await PodTask.start({
      fields: { readiness_file_path: '/shared/ready' },
      agent: ['say=the%20agent%20runs'],
    });
    await task.ready();
    expect(task.container.stdout).not.toContain('the agent runs');
    await using _service = await task.pod.startScript('touch=/shared/ready', 'forever');
    expect(await task.finish()).toMatchObject({
      ...well,
      stdout: expect.stringContaining('the agent runs\n'),
    });
  });

  test('answers probes from outside only while it runs', async () => {
    await using task = await PodTask.start({ agent: ['say=the%20agent%20runs', 'wait-file=/shared/end'] });
    await task.container.printed(/the agent runs/);
    expect([await task.probe('/live'), await task.probe('/ready'), await task.probe('/other')]).toEqual([
      200, 200, 404,
    ]);
    const response = await fetch(`http://${task.pod.address}:7623/ready`);
    expect(await response.json()).toMatchObject({ status: 'OK', component: { name: 'orchestrator' } });
    await task.pod.touch('end');
    expect(await task.finish()).toMatchObject(well);
    expect(await task.probe('/live')).toBeUndefined();
  });

  test('is reported as failed when its agent fails', async () => {
    const ended = await runPodTask({ agent: ['stderr=the%20disk%20is%20full', 'exit=42'] });
    expect(ended).toMatchObject({ status: 0, calls: ['fail'], left: [] });
    expect(ended.message).toMatch(/exit status 42.*the disk is full/s);
  });

  test('is handed back after any failure if that is allowed', async () => {
    const ended = await runPodTask({ agent: ['exit=1'], fields: { enable_unsafe_retries: true } });
    expect(ended).toMatchObject({ status: 0, calls: ['unclaim'], left: [] });
  });

  test.each(['/opt/circleci/bin/no-such-agent', '/opt/circleci/bin', '/bin', '/plain-text', 'no-such-agent'])(
    'is handed back when its agent is %s, which cannot be started',
    async (task_agent_path) => {
      const ended = await runPodTask({ fields: { task_agent_path } });
      expect(ended).toMatchObject({ status: 0, calls: ['unclaim'], left: [] });
      expect(ended.stdout).toContain(task_agent_path);
    },
  );

  test('has ended before its failure is reported', async () => {
    const linger = ['ignore=1,2,3,15', 'forever', 'end'];
    const agent = ['fork', ...linger, 'daemon', ...linger, 'late-orphans=20', 'exit=1'];
    const cmd = ['/opt/circleci/bin/circleci-agent', 'ignore=15', 'fork', ...linger, 'forever'];
    expect(await runPodTask({ agent, fields: { cmd } })).toMatchObject({
      status: 0,
      calls: ['fail'],
      left: [],
    });
  });

  test('leaves no process behind when its container is killed without time to report', async () => {
    const agent = ['daemon', 'ignore=15', 'forever', 'end', 'say=the%20agent%20runs', 'forever'];
    await using task = await PodTask.start({ agent });
    await task.container.printed(/the agent runs/);
    expect(task.processes()).toHaveLength(2);
    await task.container.kill();
    expect(await task.finish()).toMatchObject({ status: 137, calls: [], left: [] });
  });
});

describe('a failure that cannot be reported ends the container with 1', () => {
  test('because the API refuses it', async () => {
    const ended = await runPodTask({ agent: ['exit=1'], answers: { fail: [{ status: 401 }] } });
    expect(ended).toMatchObject({ status: 1, calls: ['fail'] });
    expect(ended.stdout).toMatch(/exit status 1[\s\S]*401/);
  });

  test('because nobody listens at the address', async () => {
    const agent = ['stderr=the%20disk%20is%20full', 'exit=42'];
    const nobody = `http://${inject('containers').gateway}:9`;
    const ended = await runPodTask({ agent, fields: { runner_api_base_url: nobody } });
    expect(ended).toMatchObject({ status: 1, calls: [], left: [] });
    expect(ended.stdout).toMatch(/exit status 42[\s\S]*the disk is full[\s\S]*ECONNREFUSED/);
  });

  test('because the host name is unknown', async () => {
    const fields = { runner_api_base_url: 'http://no-such-name.test' };
    const ended = await runPodTask({ agent: ['exit=42'], fields });
    expect(ended).toMatchObject({ status: 1, calls: [], left: [] });
    expect(ended.stdout).toContain('no-such-name.test');
  });
});

test('a whole Pod: the init container, then a task of another user with the copied programs', async () => {
  const volume = newName('bin');
  await docker(['volume', 'create', ...runLabels(), volume]);
  const init = await runContainer({ image: 'runner-init', flags: [`--volume=${volume}:/opt/circleci/bin`] });
  expect(init).toMatchObject({ status: 0, stderr: '' });
  await using task = await PodTask.start({
    image: 'scratch',
    docker: [`--volume=${volume}:/elsewhere`, '--user=1000'],
    fields: { task_agent_path: '/elsewhere/circleci wait-file=/shared/end' },
  });
  await task.ready();
  await waitFor('the agent', () => /task agent started/.test(task.container.stdout));
  await task.pod.touch('end');
  expect(await task.finish()).toMatchObject(well);
});
