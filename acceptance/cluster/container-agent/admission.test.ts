import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Admission,
  startAdmissionWebhook,
} from '../../../internal/dev/testing/cluster/admission-webhook.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';

/* Obstacles between the controller and its Pods: webhooks that fail, refuse or add, and limits of the namespace. */

const [container] = smallClass.spec.containers;

describe('a webhook', () => {
  const late = 'acme/late-webhook';
  const never = 'acme/no-webhook';
  const denied = 'acme/denied';
  const injected = 'acme/injected';
  const broken = 'acme/injected-and-broken';
  const classOf = (pod: Pod) => pod.metadata?.annotations?.['app.circleci.com/resource-class'];
  const asleep = Promise.withResolvers<Admission>();
  let lateOnes = 2;

  const sidecar = (script: string) => ({ image: images.busybox, command: ['sh', '-c', script] });
  /** Adds containers before ours, like a service mesh. */
  const inject = (script: string): Admission => ({
    patch: [
      { op: 'add', path: '/spec/containers/0', value: { name: 'proxy', ...sidecar(script) } },
      {
        op: 'add',
        path: '/spec/initContainers/0',
        value: {
          name: 'helper',
          restartPolicy: 'Always',
          ...sidecar('trap "exit 0" TERM; while true; do sleep 1; done'),
        },
      },
      { op: 'add', path: '/spec/initContainers/0', value: { name: 'proxy-init', ...sidecar('true') } },
    ],
  });

  const answers: Readonly<Record<string, () => Admission | Promise<Admission>>> = {
    [late]: () => (lateOnes-- > 0 ? asleep.promise : { patch: [] }),
    [never]: () => asleep.promise,
    [denied]: () => ({ denial: { code: 403, message: 'this registry is not allowed here' } }),
    [injected]: () => inject('trap "" TERM; while true; do sleep 1; done'),
    [broken]: () => inject('exit 5'),
  };

  let controller: TestController;
  let webhook: AsyncDisposable;
  beforeAll(async () => {
    controller = await TestController.start({
      classes: Object.fromEntries(Object.keys(answers).map((name) => [name, smallClass])),
      variables: { RUNNER_CREATE_TIMEOUT: '20s' },
    });
    webhook = await startAdmissionWebhook({
      namespace: controller.namespace,
      timeoutSeconds: 1,
      judge: (pod) => answers[classOf(pod) ?? '']?.() ?? { patch: [] },
    });
  });
  afterAll(async () => {
    asleep.resolve({ patch: [] });
    await controller[Symbol.asyncDispose]();
    await webhook[Symbol.asyncDispose]();
  });

  test('that times out for a while delays the task and pauses its class, but fails no task', async () => {
    const task = controller.submit({ resourceClass: late });
    await task.told(/does not create the task.s objects yet.*failed calling webhook/);
    expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
    expect(task.pods).toHaveLength(1);
  });

  test('that never answers makes the task go back after a time, with the words of the API server', async () => {
    const task = controller.submit({ resourceClass: never });
    expect(await task.ended()).toMatchObject({
      calls: ['unclaim'],
      lifecycle: expect.stringMatching(/was not created.*failed calling webhook.*webhooks of the cluster/s),
      work: { reason: 'not-created', 'app.to_retry': true },
    });
    expect(task.pods).toEqual([]);
  });

  test('that denies the Pod fails the task with its words', async () => {
    const task = controller.submit({ resourceClass: denied });
    expect(await task.ended()).toMatchObject({
      calls: ['fail'],
      message: expect.stringMatching(/was not created.*this registry is not allowed here/),
      work: { reason: 'not-created', 'app.to_retry': false },
    });
    expect(task.pods).toEqual([]);
  });

  test.each([
    ['that never end', injected],
    ['of which one ends at once', broken],
  ])(
    'that adds containers before ours, %s, does not change the outcome of the task',
    async (_, resourceClass) => {
      const good = controller.submit({ resourceClass, agent: ['sleep=100'] });
      const bad = controller.submit({ resourceClass, agent: ['sleep=100', 'exit=3'] });
      const killed = controller.submit({ resourceClass, agent: ['say=the%20agent%20runs', 'forever'] });
      await killed.printed(/the agent runs/);
      await killed.killFirstProcess();
      expect(await good.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
      expect(await bad.ended()).toMatchObject({
        calls: ['fail'],
        work: { end: 'failed', reason: 'orchestrator' },
      });
      expect(await killed.ended()).toMatchObject({
        calls: ['fail'],
        message: expect.stringMatching(/primary container container-0 .* exit status 137 \(SIGKILL\)/),
        work: { reason: 'primary-failed', 'app.to_retry': false },
      });
      const names = good.pods.flatMap(({ spec }) => spec?.containers.map(({ name }) => name) ?? []);
      expect(names).toEqual(['proxy', 'container-0']);
    },
  );
});

describe('a namespace that limits its Pods', () => {
  const large = 'acme/large';
  const unlimited = 'acme/unlimited';
  const classWith = (resources: object) => ({ spec: { containers: [{ ...container, resources }] } });
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'of-all' },
      spec: { hard: { 'limits.memory': '8Gi', 'requests.memory': '8Gi' } },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'of-each' },
      spec: { limits: [{ type: 'Pod', max: { memory: '2Gi' } }] },
    },
  ];

  let controller: TestController;
  beforeAll(async () => {
    controller = await TestController.start({
      objects,
      classes: {
        [linux]: smallClass,
        [large]: classWith({ requests: { memory: '32Mi' }, limits: { memory: '3Gi' } }),
        [unlimited]: classWith({}),
      },
    });
  });
  afterAll(() => controller[Symbol.asyncDispose]());

  test('accepts Pods with services, because each of our containers states its resources', async () => {
    const service = { image: images.busybox, command: ['sh', '-c', 'echo hello; exec sleep 600'] };
    const task = controller.submit({ agent: ['sleep=500'], services: [service] });
    expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
    expect(task.step(97)?.output).toBe('hello\n');
  });

  test.each([
    ['has more than a Pod may', large, /maximum memory usage per Pod is 2Gi, but limit is \d+/],
    ['has no limit', unlimited, /failed quota: of-all: must specify limits\.memory for: container-0/],
  ])('fails the task of a class that %s, in the words of the API server', async (_, resourceClass, words) => {
    const task = controller.submit({ resourceClass });
    expect(await task.ended()).toMatchObject({
      calls: ['fail'],
      message: expect.stringMatching(words),
      work: { reason: 'not-created', 'app.to_retry': false },
    });
    expect(task.pods).toEqual([]);
  });
});
