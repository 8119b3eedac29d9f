import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeName } from '../../../../internal/dev/cluster/addresses.ts';
import { kubelet } from '../../../../internal/dev/cluster/components/kubelet.ts';
import { makeImage } from '../../../../internal/dev/cluster/images/image.ts';
import { kubectl } from '../../../../internal/dev/cluster/kubectl.ts';
import { Administrator } from '../../../../internal/dev/fake-kubelet/administrator.ts';
import { FakeNodes } from '../../../../internal/dev/fake-kubelet/fake-nodes.ts';
import { names } from '../../../../internal/dev/testing/cluster/controller-manifest.ts';
import { startImageRegistry } from '../../../../internal/dev/testing/cluster/image-registry.ts';
import { killComponent, waitForNode } from '../../../../internal/dev/testing/cluster/outage.ts';
import {
  deletePod,
  keptAfterDeletion,
  patchPod,
  releasePod,
  waitForEnd,
  waitForPod,
} from '../../../../internal/dev/testing/cluster/pod.ts';
import { waitFor } from '../../../../internal/dev/testing/wait-for.ts';
import { TestController } from '../controller.ts';
import { linux, smallClass } from '../install-controller.ts';
import { patience } from '../patience.ts';
import type { SubmittedTask } from '../submitted-task.ts';
import { untilTold } from '../until-told.ts';

const nowhere = 'acme/nowhere';
const [leaving, leavingUnsafe] = ['acme/leaving', 'acme/leaving-unsafe'];
const [brief, briefUnsafe] = ['acme/brief', 'acme/brief-unsafe'];
/** A class whose Pods are given up soon after their deletion. */
const briefClass = { spec: { ...smallClass.spec, terminationGracePeriodSeconds: 2 } };
/** A class whose Pods leave an unreachable node at once, as far as a Pod can ask for that. */
const leavingClass = {
  spec: {
    ...briefClass.spec,
    tolerations: ['not-ready', 'unreachable'].map((key) => ({
      ...{ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 },
    })),
  },
};

let controller: TestController;
beforeAll(async () => {
  controller = await TestController.start({
    classes: {
      [linux]: smallClass,
      [nowhere]: { spec: { ...smallClass.spec, nodeSelector: { 'example.com/there-is': 'no-such-node' } } },
      [leaving]: leavingClass,
      [leavingUnsafe]: { ...leavingClass, enableUnsafeRetries: true },
      [brief]: briefClass,
      [briefUnsafe]: { ...briefClass, enableUnsafeRetries: true },
    },
    variables: { RUNNER_SCHEDULING_TIMEOUT: '5m', RUNNER_START_TIMEOUT: '1m' },
  });
});
afterAll(() => controller[Symbol.asyncDispose]());

test('when the kubelet is gone, Pods that its node never ends are given up, and the others continue', async () => {
  const [lost, lostUnsafe] = [leaving, leavingUnsafe].map((resourceClass) =>
    controller.submit({ resourceClass, agent: untilTold }),
  ) as [SubmittedTask, SubmittedTask];
  const staying = controller.submit({ agent: untilTold });
  for (const task of [lost, lostUnsafe, staying]) await task.printed(/the agent runs/);
  let waiting: SubmittedTask;
  {
    // If all nodes are lost, Kubernetes assumes a fault of its own, and evicts no Pod.
    await using administrator = new Administrator();
    await using _others = await FakeNodes.register(administrator, 'healthy');
    await using _gone = await killComponent(kubelet);
    await waitForNode('lost');
    waiting = controller.submit();
    await waiting.told(/The Pod waits for a node: .*taint/);
    await lost.failed();
    await waitFor('the hand-back', () => lostUnsafe.reports.length > 0, patience);
    for (const task of [lost, lostUnsafe]) {
      const left = () => controller.sightings.left(task.id);
      await waitFor(`the end of all that belongs to ${task.id}`, () => left().length === 0, patience);
    }
    expect([lost, lostUnsafe, staying, waiting].map(({ reports }) => reports)).toEqual([
      ['fail'],
      ['unclaim'],
      [],
      [],
    ]);
  }
  await waitForNode('ready');
  const message = /The Pod was asked to end, but its node node has not ended it within 1m2s/;
  const { work } = await lost.ended();
  expect(lost.view.message).toMatch(message);
  expect(work).toMatchObject({ end: 'failed', reason: 'node-lost', 'app.to_retry': false });
  expect(await lostUnsafe.ended()).toMatchObject({
    lifecycle: expect.stringMatching(message),
    work: { end: 'handed-back', reason: 'node-lost', 'app.to_retry': true },
  });
  await staying.touch('/shared/end');
  for (const task of [staying, waiting])
    expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
});

test('when the kubelet is gone before a Pod starts, its task counts as begun, as the node may only be cut off', async () => {
  const submit = (resourceClass: string) => controller.submit({ resourceClass });
  let tasks: readonly [SubmittedTask, SubmittedTask];
  {
    await using _gone = await killComponent(kubelet);
    // A node that has just fallen silent is still given Pods.
    tasks = [submit(brief), submit(briefUnsafe)];
    for (const task of tasks) await task.podWith('its node', ({ spec }) => spec?.nodeName !== undefined);
    for (const task of tasks) await waitFor('the report', () => task.reports.length > 0, patience);
  }
  await waitForNode('ready');
  const [lost, lostUnsafe] = tasks;
  const message =
    /none of its containers made progress for 1m0s.* node node has not confirmed .* is lost: its condition Ready is Unknown/;
  expect(await lost.ended()).toMatchObject({
    ...{ calls: ['fail'], message: expect.stringMatching(message) },
    work: { end: 'failed', reason: 'start-timeout', 'app.to_retry': false },
  });
  expect(await lostUnsafe.ended()).toMatchObject({
    ...{ calls: ['unclaim'], lifecycle: expect.stringMatching(message) },
    work: { end: 'handed-back', reason: 'start-timeout', 'app.to_retry': true },
  });
});

test('when the node is drained, with the controller on it, each task is reported once, and later ones wait', async () => {
  const image = await makeImage({ folders: { '/shared': 0o755 } });
  await using registry = await startImageRegistry({ silent: { image, hangs: 'at-once' } });
  const running = controller.submit({ agent: untilTold });
  const unsafeOne = controller.submit({ resourceClass: leavingUnsafe, agent: untilTold });
  // This task has no node, and keeps the controller from ending too early.
  const unscheduled = controller.submit({ resourceClass: nowhere });
  const pulling = controller.submit({ resourceClass: brief, image: registry.nameOf('silent') });
  for (const task of [running, unsafeOne]) await task.printed(/the agent runs/);
  await pulling.told(/Pulling image/);
  await unscheduled.pod();
  const [pod = {}] = await controller.pods();
  const name = { namespace: controller.namespace, name: pod.metadata?.name ?? '' };
  await patchPod(name, { metadata: { finalizers: [keptAfterDeletion] } });
  let late: SubmittedTask;
  const options = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=180s'];
  try {
    const drained = kubectl(['drain', nodeName, ...options]);
    const isEvicted = waitForPod(name, 'the eviction', (it) => it.metadata?.deletionTimestamp !== undefined);
    await Promise.race([drained, isEvicted]);
    const isDraining = async () => (await controller.health(pod, '/ready')).status === 503;
    await waitFor('the drain', isDraining, patience);
    late = controller.submit();
    expect(await running.ended()).toMatchObject({ calls: ['fail'] });
    expect(await unsafeOne.ended()).toMatchObject({ calls: ['unclaim'] });
    expect(await pulling.ended()).toMatchObject({ calls: ['unclaim'] });
    await deletePod(await unscheduled.podName());
    expect(await waitForEnd(name, names.controller)).toMatchObject({ exitCode: 0 });
    await releasePod(name);
    await drained;
    expect(unscheduled.reports).toEqual(['unclaim']);
    expect(late.view).toMatchObject({ state: 'queued', claims: [] });
  } finally {
    await releasePod(name);
    await kubectl(['uncordon', nodeName]);
  }
  expect(await late.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
});
