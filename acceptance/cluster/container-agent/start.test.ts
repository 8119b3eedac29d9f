import { afterAll, beforeAll, expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';

/* Mistakes in a class that keep its Pods from starting, or end them. */

const [container] = smallClass.spec.containers;
const never = 'acme/never-pulls';
const unset = 'acme/without-its-secret';
const unmounted = 'acme/without-its-volume';
const brief = 'acme/brief';
const watched = 'acme/watched';

const classOf = (ofContainer: object, ofSpec: object = {}) => ({
  spec: { ...ofSpec, containers: [{ ...container, ...ofContainer }] },
});

let controller: TestController;
beforeAll(async () => {
  controller = await TestController.start({
    classes: {
      [linux]: smallClass,
      [never]: classOf({ imagePullPolicy: 'Never' }),
      [unset]: classOf({
        env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'no-such-secret', key: 'x' } } }],
      }),
      [unmounted]: classOf(
        { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
        { volumes: [{ name: 'v', secret: { secretName: 'no-such-volume' } }] },
      ),
      [brief]: classOf({}, { activeDeadlineSeconds: 8 }),
      [watched]: classOf(
        { livenessProbe: { httpGet: { path: '/live', port: 7623 }, periodSeconds: 1, failureThreshold: 3 } },
        { terminationGracePeriodSeconds: 2 },
      ),
    },
    variables: { RUNNER_IMAGE_ERROR_GRACE: '2s', RUNNER_START_TIMEOUT: '20s' },
  });
});
afterAll(() => controller[Symbol.asyncDispose]());

test('a missing image that must never be pulled fails the task at once', async () => {
  const task = controller.submit({ resourceClass: never, image: 'localhost/nowhere:1' });
  const { calls, message } = await task.ended();
  expect(calls).toEqual(['fail']);
  expect(message).toMatch(/cannot be used.*localhost\/nowhere:1/s);
});

test('a variable from a missing Secret fails the task, and the message names the Secret', async () => {
  const task = controller.submit({ resourceClass: unset });
  const { calls, message } = await task.ended();
  expect(calls).toEqual(['fail']);
  expect(message).toMatch(/container-0 .* cannot be started.*no-such-secret/s);
});

test('if a volume cannot be mounted, the task is handed back after a time, with the words of the kubelet', async () => {
  const task = controller.submit({ resourceClass: unmounted });
  const { calls, lifecycle } = await task.ended();
  expect(calls).toEqual(['unclaim']);
  expect(lifecycle).toMatch(/none of its containers made progress for 20s.*FailedMount.*no-such-volume/s);
});

test('a Pod that is active for too long is reported once, by the orchestrator', async () => {
  const task = controller.submit({ resourceClass: brief, agent: ['forever'] });
  const { calls, lifecycle } = await task.ended();
  expect(calls).toEqual(['fail']);
  expect(lifecycle).toMatch(/DeadlineExceeded/);
});

test('an orchestrator that does not answer fails the task, with the words of the probe', async () => {
  const task = controller.submit({ resourceClass: watched, agent: ['say=the%20agent%20runs', 'forever'] });
  await task.printed(/the agent runs/);
  await task.signalFirstProcess('SIGSTOP');
  const { calls, message } = await task.ended();
  expect(calls).toEqual(['fail']);
  expect(message).toMatch(/did not answer its liveness probe.*Liveness probe failed/s);
});

test('the command of a job replaces that of its image, and runs as the user of the container', async () => {
  const task = controller.submit({
    image: images.busybox,
    job: { entrypoint: ['sh', '-c'], command: ['echo "I am $(id -u) in $(pwd)"; exec sleep 600'] },
    agent: ['say=the%20agent%20runs', 'sleep=500'],
    fields: { working_directory: '/bin' },
  });
  await task.printed(/I am 0 in \/bin/);
  expect(await task.ended()).toMatchObject({ calls: [] });
});
