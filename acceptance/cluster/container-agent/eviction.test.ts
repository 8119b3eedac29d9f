import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeName } from '../../../internal/dev/cluster/addresses.ts';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { createPod } from '../../../internal/dev/testing/cluster/pod.ts';
import { TestController } from './controller.ts';
import { smallClass } from './install-controller.ts';
import type { SubmittedTask } from './submitted-task.ts';

/* Kubernetes ends Pods to make room on a node. The orchestrator is stopped, so that the controller has to find out. */

const id = randomBytes(4).toString('hex');
/** A resource of which the node has one, only for these tests. */
const device = `device.test/${id}`;
const important = `important-${id}`;
const [container] = smallClass.spec.containers;
const classWith = (limits: Readonly<Record<string, string>>, unsafe: boolean) => ({
  enableUnsafeRetries: unsafe,
  spec: {
    terminationGracePeriodSeconds: 2,
    containers: [
      {
        ...container,
        livenessProbe: { httpGet: { path: '/live', port: 7623 }, failureThreshold: 1000 },
        resources: {
          requests: { ...container?.resources.requests, ...limits },
          limits: { ...container?.resources.limits, ...limits },
        },
      },
    ],
  },
});
/** The programs that init copies into each Pod count, too. */
const littleDisk = { 'ephemeral-storage': '160Mi' };
const aDevice = { [device]: '1' };

let controller: TestController;
const resources = new AsyncDisposableStack();
beforeAll(async () => {
  await setDevices('1');
  resources.defer(() => setDevices(null));
  const path = '/apis/scheduling.k8s.io/v1/priorityclasses';
  await callApiServer(path, { method: 'POST', body: { metadata: { name: important }, value: 1000 } });
  resources.defer(() => callApiServer(`${path}/${important}`, { method: 'DELETE' }).then(() => undefined));
  controller = await TestController.start({
    classes: {
      'acme/little-disk': classWith(littleDisk, false),
      'acme/little-disk-unsafe': classWith(littleDisk, true),
      'acme/device': classWith(aDevice, false),
    },
  });
  resources.use(controller);
});
afterAll(() => resources.disposeAsync());

/** Submits a task that runs until it is ended, with an orchestrator that no longer reports anything. */
async function submitMute(resourceClass: string, writes: string): Promise<SubmittedTask> {
  const task = controller.submit({
    resourceClass,
    image: images.busybox,
    job: { entrypoint: ['sh', '-c'], command: [`echo begun; ${writes} exec sleep 9999`] },
    agent: ['forever'],
  });
  await task.printed(/begun/);
  await task.signalFirstProcess('SIGSTOP');
  return task;
}

test.each([
  ['fails', 'acme/little-disk', 'fail'],
  ['is handed back if unsafe retries are enabled', 'acme/little-disk-unsafe', 'unclaim'],
])('a task that %s: its Pod is evicted because it fills the disk', async (_what, resourceClass, call) => {
  const task = await submitMute(resourceClass, 'dd if=/dev/zero of=/big bs=1M count=170;');
  const { calls, lifecycle, work } = await task.ended();
  expect({ calls, work }).toMatchObject({
    calls: [call],
    work: { reason: 'disrupted', 'app.to_retry': call === 'unclaim' },
  });
  expect(lifecycle).toMatch(
    /The Pod was evicted from its node \(Evicted\)\. Kubernetes said: .*ephemeral.* storage .*160Mi.*memory and disk of the node/,
  );
});

test('a task whose Pod is preempted by one of higher priority fails, and says so', async () => {
  const task = await submitMute('acme/device', '');
  await createPod(controller.namespace, {
    metadata: { name: 'important' },
    spec: {
      priorityClassName: important,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'c',
          image: images.busybox,
          command: ['sleep', '600'],
          resources: { requests: aDevice, limits: aDevice },
        },
      ],
    },
  });
  expect(await task.ended()).toMatchObject({
    calls: ['fail'],
    message: expect.stringMatching(
      /preempted by one of higher priority \(PreemptionByScheduler\).*priorityClassName/,
    ),
    work: { reason: 'disrupted', 'app.to_retry': false },
  });
});

/** @param count null: the node no longer has any */
async function setDevices(count: string | null): Promise<void> {
  const body = { status: { capacity: { [device]: count } } };
  await callApiServer(`/api/v1/nodes/${nodeName}/status`, { method: 'PATCH', body });
}
