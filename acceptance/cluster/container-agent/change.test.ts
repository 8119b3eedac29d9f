import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { delay } from '../../../internal/delay.ts';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { names } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { patchPod } from '../../../internal/dev/testing/cluster/pod.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';
import { patience } from './patience.ts';

/* Changes by operators while the controller runs. */

/** The key of {@link linux} in files and Secrets. */
const dottedName = linux.replace('/', '.');

test('a new token of a class is used without a restart, once the runner API refuses the old one', async () => {
  await using controller = await TestController.start();
  const [before = {}] = await controller.pods();
  controller.queue.setToken(linux, 'another-token');
  await controller.logged('the refusal', ({ outcome }) => outcome === 'refused');
  const stringData = { [dottedName]: 'another-token' };
  const secret = `/api/v1/namespaces/${controller.namespace}/secrets/${names.tokens}`;
  await callApiServer(secret, { method: 'PATCH', body: { stringData } });
  expect(await controller.submit().ended()).toMatchObject({ calls: [] });
  const [after = {}] = await controller.pods();
  expect(after.metadata?.uid).toBe(before.metadata?.uid);
  expect(JSON.stringify(await controller.log())).not.toContain('another-token');
});

test('a changed configuration is applied without a restart, and a bad one changes nothing', async () => {
  await using controller = await TestController.start();
  const changeTo = async (taskpods: string) => {
    const path = `/api/v1/namespaces/${controller.namespace}/configmaps/${names.configuration}`;
    await callApiServer(path, { method: 'PATCH', body: { data: { taskpods } } });
    // The kubelet updates it now, not only when it next looks at the Pod by itself.
    const [{ metadata } = {}] = await controller.pods();
    const name = { namespace: controller.namespace, name: metadata?.name ?? '' };
    await patchPod(name, { metadata: { annotations: { changed: new Date().toISOString() } } });
  };
  const labelled = { ...smallClass, metadata: { labels: { version: 'second' } } };
  await changeTo(stringify({ resourceClasses: { [dottedName]: labelled } }));
  await controller.logged('the change', ({ msg }) => /was read again/.test(String(msg)));
  await changeTo('resourceClasses: [this, is, no, mapping]\n');
  const line = await controller.logged('the refusal', ({ msg }) => /cannot be used/.test(String(msg)));
  expect(JSON.stringify(line)).toMatch(/resourceClasses/);
  const task = controller.submit();
  expect(await task.ended()).toMatchObject({ calls: [] });
  expect(task.pods[0]?.metadata?.labels).toMatchObject({ version: 'second' });
});

test('no task is lost while the runner API is away for seconds, whether it runs, ends or waits', async () => {
  await using controller = await TestController.start({ variables: { RUNNER_SCHEDULING_TIMEOUT: '5s' } });
  const running = controller.submit({ agent: ['say=the%20agent%20runs', 'wait-file=/shared/end'] });
  const failing = controller.submit({ agent: ['say=the%20agent%20runs', 'wait-file=/shared/end', 'exit=4'] });
  for (const task of [running, failing]) await task.printed(/the agent runs/);
  await controller.withoutApi(async () => {
    await failing.touch('/shared/end');
    await failing.printed(/task agent ended/);
    await delay(3000, new AbortController().signal);
  });
  const waiting = controller.submit();
  expect(await failing.ended()).toMatchObject({ calls: ['fail'] });
  await running.touch('/shared/end');
  expect(await running.ended()).toMatchObject({ calls: [] });
  expect(await waiting.ended()).toMatchObject({ calls: [] });
  await waitFor('the controller to be ready again', () => controller.ready(1).then(() => true), patience);
});
