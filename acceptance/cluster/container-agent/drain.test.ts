import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { makeImage } from '../../../internal/dev/cluster/images/image.ts';
import { names } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { startImageRegistry } from '../../../internal/dev/testing/cluster/image-registry.ts';
import {
  keptAfterDeletion,
  type PodName,
  patchPod,
  releasePod,
  waitForEnd,
} from '../../../internal/dev/testing/cluster/pod.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TestController } from './controller.ts';
import { patience } from './patience.ts';

test('after SIGTERM, the running task continues, no other is claimed, and the controller ends with 0', async () => {
  await using controller = await TestController.start();
  const task = controller.submit({ agent: ['say=the%20agent%20runs', 'wait-file=/shared/end'] });
  await task.printed(/the agent runs/);
  const { name, pod } = await drain(controller);
  expect((await controller.health(pod, '/ready')).body).toMatch(/drain/);
  expect(await controller.health(pod, '/live')).toMatchObject({ status: 200 });
  const late = controller.submit();
  await task.touch('/shared/end');
  expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  await expectGoodEnd(name);
  expect(late.view).toMatchObject({ state: 'queued', claims: [] });
});

test('after SIGTERM, a task whose image comes late still runs, and one whose image never comes is handed back', async () => {
  const image = await makeImage({ folders: { '/shared': 0o755 } });
  await using registry = await startImageRegistry({
    'soon-well': { image, trouble: { status: 503, requests: 2 } },
    silent: { image, hangs: 'at-once' },
  });
  await using controller = await TestController.start({
    variables: { RUNNER_IMAGE_ERROR_GRACE: '2s', RUNNER_IMAGE_PULL_TIMEOUT: '1m' },
  });
  const late = controller.submit({ image: registry.nameOf('soon-well') });
  await late.told(/Failed to pull image/);
  const never = controller.submit({ image: registry.nameOf('silent') });
  await never.told(/Pulling image/);
  const { name } = await drain(controller);
  expect(await late.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  expect(await never.ended()).toMatchObject({
    calls: ['unclaim'],
    work: { reason: 'image-pull-timeout', 'app.to_retry': true },
  });
  await expectGoodEnd(name);
});

/** Scales the controller to none, and waits until its Pod drains. The Pod stays after its end. */
async function drain(controller: TestController): Promise<{ pod: Pod; name: PodName }> {
  const [pod = {}] = await controller.pods();
  const name = { namespace: controller.namespace, name: pod.metadata?.name ?? '' };
  await patchPod(name, { metadata: { finalizers: [keptAfterDeletion] } });
  const deployment = `/apis/apps/v1/namespaces/${controller.namespace}/deployments/${names.controller}`;
  await callApiServer(deployment, { method: 'PATCH', body: { spec: { replicas: 0 } } });
  await waitFor('the drain', async () => (await controller.health(pod, '/ready')).status === 503, patience);
  return { pod, name };
}

/** Waits for the end of the drain, then lets the Pod go. */
async function expectGoodEnd(name: PodName): Promise<void> {
  expect(await waitForEnd(name, names.controller)).toMatchObject({ exitCode: 0 });
  await releasePod(name);
}
