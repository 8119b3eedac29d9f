import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { ApiServerError, callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { names } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { createPod, deletePod } from '../../../internal/dev/testing/cluster/pod.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TestController } from './controller.ts';
import { patience } from './patience.ts';
import { untilTold } from './until-told.ts';

const instanceLabel = 'container-agent-instance';
const managed = { 'app.kubernetes.io/managed-by': 'circleci-container-agent' };
const nameOf = ({ metadata }: Pod = {}) => metadata?.name ?? '';

/** A Pod that looks like another running program to Kubernetes. */
const asleep = (name: string, labels: Readonly<Record<string, string>>): Pod => ({
  metadata: { name, labels },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'container-0', image: images.busybox, command: ['sleep', '9999'] }],
  },
});

test('two versions side by side end their own tasks, and the new one those of the old when that is killed', async () => {
  await using controller = await TestController.start({ variables: { KUBE_GC_INTERVAL: '2s' } });
  const { namespace } = controller;
  const [first, second] = [controller.submit({ agent: untilTold }), controller.submit({ agent: untilTold })];
  for (const task of [first, second]) await task.printed(/the agent runs/);
  const [old] = await controller.pods();
  const template = { metadata: { annotations: { version: 'next' } } };
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/${names.controller}`;
  await callApiServer(deployment, { method: 'PATCH', body: { spec: { template } } });
  await waitFor(
    'the drain',
    async () => (await controller.health(old ?? {}, '/ready')).status === 503,
    patience,
  );
  const third = controller.submit({ agent: untilTold });
  await third.printed(/the agent runs/);
  const instances = [first, third].map(({ pods: [pod] }) => pod?.metadata?.labels?.[instanceLabel]);
  expect(instances[0]).toBe(nameOf(old));
  expect(instances[1]).not.toBe(nameOf(old));
  await first.touch('/shared/end');
  expect(await first.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  controller.kill(old);
  await deletePod({ namespace, name: nameOf(old) }, 0);
  await controller.logged(
    'the taking over',
    ({ 'task.id': id, from }) => id === second.id && from === nameOf(old),
  );
  await second.killFirstProcess();
  expect(await second.ended()).toMatchObject({ calls: ['fail'], work: { end: 'failed' } });
  await third.touch('/shared/end');
  expect(await third.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  for (const task of [first, second, third]) expect(task.view.claims).toHaveLength(1);
});

test('objects of other container runners stay while their controller exists, and then until they are old', async () => {
  await using controller = await TestController.start({
    variables: { KUBE_GC_INTERVAL: '2s', KUBE_GC_THRESHOLD: '20s' },
  });
  const { namespace } = controller;
  const exists = (path: string) =>
    callApiServer(`/api/v1/namespaces/${namespace}/${path}`).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ApiServerError && error.status === 404) return false;
        throw error;
      },
    );
  const [theirs, nobodys, other] = ['ccita-their-task-0-1b2c3d4e', 'ccita-a-task-0-1b2c3d4e', 'no-task'];
  await createPod(namespace, asleep('another-controller', {}));
  for (const name of [theirs, nobodys, other]) {
    const labels = name === theirs ? { ...managed, [instanceLabel]: 'another-controller' } : managed;
    await createPod(namespace, asleep(name, labels));
    const secret = { metadata: { name, labels }, stringData: { token: 'none-of-ours' } };
    await callApiServer(`/api/v1/namespaces/${namespace}/secrets`, { method: 'POST', body: secret });
  }
  expect(await controller.submit({ agent: ['exit=3'] }).ended()).toMatchObject({ calls: ['fail'] });
  const isGone = async () => !(await exists(`pods/${nobodys}`)) && !(await exists(`secrets/${nobodys}`));
  await waitFor('the end of what is old', isGone, patience);
  const others = [theirs, other].flatMap((name) => [`pods/${name}`, `secrets/${name}`]);
  expect(await Promise.all(others.map(exists))).toEqual([true, true, true, true]);
  const deleted = (await controller.log()).filter(({ msg }) => msg === 'what was left of a task was deleted');
  // The Pod is a moment older, so it may be old when its Secret is not yet.
  const kinds = new Set(deleted.map(({ kind }) => kind));
  expect(deleted.map(({ name }) => name)).toEqual([nobodys, nobodys]);
  expect(kinds).toEqual(new Set(['pod', 'secret']));
});
