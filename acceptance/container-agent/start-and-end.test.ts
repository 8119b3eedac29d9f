import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { collection, controllerUrl } from '../../internal/dev/testing/start-controller.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ask, ready, startTestApis } from './test-apis.ts';

test('is live at once, and ready when it knows the cluster and its claims are answered', {
  tags: ['quick'],
}, async () => {
  const apis = await startTestApis();
  apis.runnerApi.answer('claim', [{ status: 500 }]);
  const url = await controllerUrl(await apis.start());
  expect(await ask(url, '/live')).toMatchObject({ status: 200 });
  await apis.runnerApi.until((requests) => requests.length > 0);
  expect(await ask(url, '/ready')).toMatchObject({
    status: 503,
    text: expect.stringContaining('claims of my-namespace.my-class'),
  });
  apis.runnerApi.answer('claim', [{ status: 204 }]);
  await ready(url);
  expect((await ask(url, '/metrics')).text).toMatch(/^container_agent_\w+.*my-namespace.my-class/m);
});

test('SIGTERM with nothing to do ends it with 0', { tags: ['quick'] }, async () => {
  const apis = await startTestApis();
  const run = await apis.start();
  await ready(await controllerUrl(run));
  run.signal('SIGTERM');
  expect(await run.result()).toMatchObject({ status: 0, stderr: '' });
});

test('SIGTERM before it is ready ends it with 0, too', async () => {
  const apis = await startTestApis();
  apis.kubernetes.intercept = () => true; // No request is ever answered.
  const run = await apis.start();
  await controllerUrl(run);
  run.signal('SIGTERM');
  expect(await run.result()).toMatchObject({ status: 0 });
});

test('after SIGTERM, the controller waits for a running task, and claims nothing more', async () => {
  const apis = await startTestApis();
  const submit = () => apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  submit();
  const run = await apis.start();
  const pod = await apis.podOfTask();
  const url = await controllerUrl(run);
  run.signal('SIGTERM');
  await waitFor('the drain', async () => (await ask(url, '/ready')).text.includes('"drain"'));
  const { text } = await ask(url, '/metrics');
  expect(text).toContain('replica_state{state="draining"} 1');
  expect(text).toMatch(/slots\{state="used"\} 1\n.*slots\{state="free"\} 0/);
  expect(text).toMatch(
    /longest_wait_seconds\{resource_class="my-namespace.my-class",until="running"\} [\d.]+/,
  );
  const second = submit();
  apis.endPod(pod, 0);
  expect(await run.result()).toMatchObject({ status: 0 });
  expect(second.state).toBe('queued');
});

test('a second signal ends it at once, and leaves the task to the next controller', async () => {
  const apis = await startTestApis();
  apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  const run = await apis.start();
  const { metadata } = await apis.podOfTask();
  const url = await controllerUrl(run);
  run.signal('SIGTERM');
  await waitFor('the drain', async () => (await ask(url, '/ready')).text.includes('"drain"'));
  run.signal('SIGTERM');
  expect(await run.result()).toMatchObject({ status: 0 });
  for (const objects of ['pods', 'secrets'] as const) {
    expect(apis.kubernetes.get(collection(objects), metadata.name)).toBeDefined();
  }
});

test('a second signal names the task that has no Secret yet, because nobody else may know of it', async () => {
  const apis = await startTestApis();
  apis.kubernetes.intercept = ({ method, path }, response) => {
    const isRefused = method === 'POST' && path === collection('secrets');
    if (isRefused) sendStatus(response, 403, 'Forbidden', 'exceeded quota: q');
    return isRefused;
  };
  const { taskId } = apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  const run = await apis.start();
  const url = await controllerUrl(run);
  await waitFor('the refusal', () => run.stdout.text.includes('could not be created yet'));
  run.signal('SIGTERM');
  await waitFor('the drain', async () => (await ask(url, '/ready')).text.includes('"drain"'));
  run.signal('SIGTERM');
  expect(await run.result()).toMatchObject({ status: 0 });
  const lines = run.stdout.text.split('\n').filter((line) => line.includes('perhaps nobody else knows'));
  expect(lines).toEqual([expect.stringContaining(taskId)]);
});

test('an unusable task Pod configuration ends the start with one line and 80', async () => {
  const apis = await startTestApis();
  const KUBE_TASK_POD_CONFIG = join(apis.variables.KUBE_TASK_POD_CONFIG ?? '', '..', 'wrong');
  await writeFile(KUBE_TASK_POD_CONFIG, 'resourceClasses: {a.b: {spec: []}}');
  expect(await (await apis.start({ KUBE_TASK_POD_CONFIG })).result()).toMatchObject({
    status: 80,
    stderr: expect.stringMatching(/^container-agent: [^\n]*resourceClasses\.a\.b\.spec[^\n]*\n$/),
  });
});
