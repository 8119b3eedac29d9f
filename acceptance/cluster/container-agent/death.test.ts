import type { Pod, SecretList } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { names } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { containerStatus, deletePod } from '../../../internal/dev/testing/cluster/pod.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';
import { patience } from './patience.ts';
import { untilTold } from './until-told.ts';

const soon = { KUBE_GC_INTERVAL: '2s' };
const instanceOf = (pod: Pod | undefined) => pod?.metadata?.labels?.['container-agent-instance'];

/** Kills the controller in its Pod, and waits until the kubelet has started it again. */
async function kill(controller: TestController): Promise<void> {
  const [pod] = await controller.pods();
  controller.kill(pod);
  const isBack = async () =>
    (await controller.pods()).some((it) => (containerStatus(it, names.controller)?.restartCount ?? 0) > 0);
  await waitFor('the restart', isBack, patience);
  await controller.ready(1);
}

/** Waits until no Secret is left that names the owner of a task. */
async function noLocks({ namespace }: TestController): Promise<void> {
  const isFree = async () => {
    const { items }: SecretList = JSON.parse(await callApiServer(`/api/v1/namespaces/${namespace}/secrets`));
    return !items.some(({ metadata }) => metadata?.name?.startsWith('ccita-lock-'));
  };
  await waitFor('the locks to be gone', isFree, patience);
}

test('a task continues while its controller is killed, and the restarted controller brings it to its end', async () => {
  await using controller = await TestController.start({ variables: soon });
  const task = controller.submit({ agent: untilTold });
  await task.printed(/the agent runs/);
  await kill(controller);
  await controller.logged(
    'the taking over',
    ({ 'task.id': id, from }) => id === task.id && from !== undefined,
  );
  await task.touch('/shared/end');
  expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  expect(task.view.claims).toHaveLength(1);
});

test('a task that fails after its controller was killed is reported once', async () => {
  await using controller = await TestController.start({ variables: soon });
  const task = controller.submit({ agent: untilTold });
  await task.printed(/the agent runs/);
  await kill(controller);
  await task.killFirstProcess();
  expect(await task.ended()).toMatchObject({ calls: ['fail'], work: { end: 'failed' } });
});

test('a task that waits for a node when its controller is killed is handed back once', async () => {
  const nowhere = { spec: { ...smallClass.spec, nodeSelector: { 'no-node.test/has': 'this' } } };
  await using controller = await TestController.start({
    classes: { [linux]: nowhere },
    variables: { ...soon, RUNNER_SCHEDULING_TIMEOUT: '10s' },
  });
  const task = controller.submit();
  await task.pod();
  await kill(controller);
  expect(await task.ended()).toMatchObject({ calls: ['unclaim'], work: { reason: 'unschedulable' } });
});

test('when a replica is gone, one of the others takes its task over', async () => {
  await using controller = await TestController.start({ replicas: 3, variables: soon });
  const task = controller.submit({ agent: untilTold });
  await task.printed(/the agent runs/);
  const owner = instanceOf(task.pods[0]) ?? '';
  await deletePod({ namespace: controller.namespace, name: owner }, 0);
  await controller.logged('the taking over', ({ 'task.id': id, from }) => id === task.id && from === owner);
  await task.touch('/shared/end');
  expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  const lines = (await controller.log()).filter(
    ({ 'task.id': id, msg }) => id === task.id && msg === 'service-work',
  );
  expect(lines).toHaveLength(1);
  await noLocks(controller);
});
