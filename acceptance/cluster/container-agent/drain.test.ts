import { expect, test } from 'vitest';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { names } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import {
  keptAfterDeletion,
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
  const [pod = {}] = await controller.pods();
  const name = { namespace: controller.namespace, name: pod.metadata?.name ?? '' };
  await patchPod(name, { metadata: { finalizers: [keptAfterDeletion] } });
  const deployment = `/apis/apps/v1/namespaces/${controller.namespace}/deployments/${names.controller}`;
  await callApiServer(deployment, { method: 'PATCH', body: { spec: { replicas: 0 } } });
  await waitFor('the drain', async () => (await controller.health(pod, '/ready')).status === 503, patience);
  expect((await controller.health(pod, '/ready')).body).toMatch(/drain/);
  expect(await controller.health(pod, '/live')).toMatchObject({ status: 200 });
  const late = controller.submit();
  await task.touch('/shared/end');
  expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  expect(await waitForEnd(name, names.controller)).toMatchObject({ exitCode: 0 });
  await releasePod(name);
  expect(late.view).toMatchObject({ state: 'queued', claims: [] });
});
