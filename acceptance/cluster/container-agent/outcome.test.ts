import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';
import { patience } from './patience.ts';

const cramped = 'acme/cramped';
const careless = 'acme/careless';

let controller: TestController;
beforeAll(async () => {
  const [container] = smallClass.spec.containers;
  const resources = { requests: { memory: '8Mi' }, limits: { memory: '8Mi' } };
  controller = await TestController.start({
    classes: {
      [linux]: smallClass,
      [careless]: {
        spec: {
          containers: [{ ...container, env: [{ name: 'CIRCLECI_GOAT_ENTRYPOINT', value: '/bin/true' }] }],
        },
      },
      [cramped]: { spec: { containers: [{ ...container, resources }] } },
      'acme/without-work': {},
    },
    variables: { RUNNER_IMAGE_ERROR_GRACE: '2s' },
  });
});
afterAll(() => controller[Symbol.asyncDispose]());

test('only its agent reports a successful task, and nothing of the task is left', async () => {
  const task = controller.submit({ agent: ['say=hello'] });
  const { calls, lifecycle, work } = await task.ended();
  expect({ calls, work }).toMatchObject({ calls: [], work: { end: 'done' } });
  expect(task.step(0)).toMatchObject({
    attributes: { name: 'Task lifecycle' },
    end: { result: 'success', exit_code: '0' },
  });
  expect(lifecycle).toMatch(
    /Task \S+ of the resource class acme\/linux was claimed.*Pod ccita-\S+ was created.*The Pod is on the node node.*Started container container-0/s,
  );
});

test('a job that fails is reported once, by the orchestrator', async () => {
  const task = controller.submit({ agent: ['stderr=no%20luck', 'exit=3'] });
  const { calls, message, work } = await task.ended();
  expect({ calls, work }).toMatchObject({
    calls: ['fail'],
    work: { end: 'failed', error: expect.stringContaining('exit status 3') },
  });
  expect(message).toMatch(/exit status 3.*no luck/s);
});

test('an unusable configuration fails the task, and the message names the field', async () => {
  const task = controller.submit({ job: { command: 7 } });
  await task.failed();
  expect(task.view).toMatchObject({ state: 'failed' });
  expect(task.view.message).toContain('docker[0].command');
  expect(task.pods).toEqual([]);
});

describe('a task with services', () => {
  const lines = (name: string) => Array.from({ length: 3000 }, (_, n) => `${name} ${n + 1}`).join('\n');
  const service = (name: string) => ({
    image: images.busybox,
    entrypoint: ['sh', '-c'],
    command: [`echo ${name} begins; for n in $(seq 3000); do echo ${name} $n; done; exec sleep 1000`],
  });

  test('starts when they run, and has a step with the log of each, complete and in order', async () => {
    const task = controller.submit({
      agent: ['say=the%20agent%20runs', 'sleep=500'],
      services: [service('db'), { ...service('cache'), name: 'cache' }],
    });
    const { calls } = await task.ended();
    expect(calls).toEqual([]);
    for (const [id, name] of [[97, 'db'] as const, [96, 'cache'] as const]) {
      const step = task.step(id);
      expect(step).toMatchObject({ end: { result: 'success' }, attributes: { type: 'service_container' } });
      expect(step?.output.trimEnd()).toBe(`${name} begins\n${lines(name)}`);
      expect(step?.sequences).toEqual(step?.sequences.map((_, n) => n));
    }
  });

  test('continues when one of them ends, and its lifecycle shows that', async () => {
    const task = controller.submit({
      agent: ['wait-file=/shared/end'],
      services: [{ image: images.busybox, command: ['sh', '-c', 'echo last words; exit 7'] }],
    });
    await task.told(/service container container-1 .* has ended: exit status 7/);
    await task.touch('/shared/end');
    const { calls } = await task.ended();
    expect(calls).toEqual([]);
    expect(task.step(97)).toMatchObject({ output: 'last words\n', end: { result: 'success' } });
  });

  test('continues without one that is for another CPU, whose step has the words of the runtime', async () => {
    const task = controller.submit({ services: [{ image: images.otherArchitecture }] });
    const { calls, lifecycle } = await task.ended();
    expect(calls).toEqual([]);
    expect(lifecycle).toMatch(/service container container-1 .* has ended/);
    expect(task.step(97)?.output).toMatch(/exec format error/);
  });
});

describe('the primary container', () => {
  test('that is killed fails the task, with the words of the kubelet', async () => {
    const task = controller.submit({ agent: ['say=the%20agent%20runs', 'forever'] });
    await task.printed(/the agent runs/);
    await task.killFirstProcess();
    const { calls, message } = await task.ended();
    expect(calls).toEqual(['fail']);
    expect(message).toMatch(/primary container container-0 .* exit status 137 \(SIGKILL\)/);
  });

  test('whose entrypoint does not run the orchestrator fails the task, though it ends with 0', async () => {
    const task = controller.submit({ resourceClass: careless, image: images.busybox });
    const { calls, message } = await task.ended();
    expect(calls).toEqual(['fail']);
    expect(message).toMatch(
      /container-0 .* exit status 0.* entrypoint ended without running the orchestrator/,
    );
  });

  test('without the memory that PID 1 needs fails the task, and the message says so', async () => {
    const task = controller.submit({ resourceClass: cramped });
    const { calls, message } = await task.ended();
    expect(calls).toEqual(['fail']);
    // With the reason OOMKilled, or without one if the container runtime heard of the container's end first.
    expect(message).toMatch(
      /container-0.*(ran out of memory.*memory limit|needs more memory than its limit)/s,
    );
  });
});

test('a job gets its environment from the Secret of its task, and no Pod has it as text', async () => {
  const value = `value-${randomBytes(12).toString('hex')}`;
  const task = controller.submit({
    agent: ['print=/proc/self/environ', 'wait-file=/shared/end'],
    job: { environment: { OF_THE_JOB: value, 'OF.THE.SHELL': undefined } },
  });
  await task.printed(new RegExp(`OF_THE_JOB=${value}`));
  await task.touch('/shared/end');
  const { lifecycle, work } = await task.ended();
  const [pod] = task.pods;
  expect(pod?.spec?.containers[0]?.env).toContainEqual({
    name: 'OF_THE_JOB',
    valueFrom: { secretKeyRef: { name: pod?.metadata?.name, key: expect.stringContaining('OF_THE_JOB') } },
  });
  expect(JSON.stringify([pod, lifecycle, work])).not.toContain(value);
});

test('an invalid name of a variable fails the task, and the message has the name', async () => {
  const task = controller.submit({ job: { environment: { 'not a name': 'x' } } });
  await task.failed();
  expect(task.view.message).toContain('not a name');
});

test('a replica with a class without work is listed at the runner API, and is ready', async () => {
  const runners = () => controller.queue.runners('acme/without-work');
  await waitFor('its first claim', () => runners().length > 0, patience);
  expect(runners()).toMatchObject([{ name: 'container-agent' }]);
  const [pod] = await controller.pods();
  expect(await controller.health(pod ?? {}, '/ready')).toMatchObject({ status: 200 });
});
