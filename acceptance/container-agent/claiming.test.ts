import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { collection, controllerUrl } from '../../internal/dev/testing/start-controller.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ask, ready, startTestApis } from './test-apis.ts';

test('a class of the task Pod configuration is not ready without a token, or with a refused one', async () => {
  const apis = await startTestApis();
  const KUBE_TASK_POD_CONFIG = join(apis.variables.KUBE_TASK_POD_CONFIG ?? '', '..', 'more');
  await writeFile(KUBE_TASK_POD_CONFIG, 'resourceClasses: {my-namespace.my-class: , my-namespace.other: }');
  apis.runnerApi.answer('claim', [{ status: 401 }]);
  const url = await controllerUrl(await apis.start({ KUBE_TASK_POD_CONFIG }));
  await waitFor('the refusal', async () => (await ask(url, '/ready')).text.includes('refuses its token'));
  expect(JSON.parse((await ask(url, '/ready')).text)).toMatchObject({
    failures: {
      'claims of my-namespace.my-class': 'the runner API refuses its token',
      'claims of my-namespace.other': 'there is no token for it',
    },
  });
  const { text } = await ask(url, '/metrics');
  expect(text).toContain('resource_class_ready{resource_class="my-namespace.my-class"} 0');
  expect(text).toContain('resource_class_ready{resource_class="my-namespace.other"} 0');
  expect(text).toContain('replica_state{state="not-ready"} 1');
  expect(text).toContain('runner_requests_total{call="claim",code="401"}');
});

test('a class without an entry that loses its token says so, in place of vanishing', async () => {
  const apis = await startTestApis();
  const KUBE_TASK_POD_CONFIG = join(apis.variables.KUBE_TASK_POD_CONFIG ?? '', '..', 'without-entries');
  await writeFile(KUBE_TASK_POD_CONFIG, 'resourceClasses: {}');
  const url = await controllerUrl(await apis.start({ KUBE_TASK_POD_CONFIG }));
  await ready(url);
  apis.kubernetes.put(collection('secrets'), { metadata: { name: 'tokens' }, ...{ data: {} } });
  // The tokens are read again at once.
  apis.runnerApi.answer('claim', [{ status: 401 }]);
  const words = '"claims of my-namespace.my-class":"there is no token for it"';
  await waitFor('the reason', async () => (await ask(url, '/ready')).text.includes(words));
  const { text } = await ask(url, '/metrics');
  expect(text).toContain('resource_class_ready{resource_class="my-namespace.my-class"} 0');
});

test('a class whose tasks all fail at once does not claim them without a pause', async () => {
  const apis = await startTestApis();
  const tasks = Array.from({ length: 100 }, () => apis.submit({ docker: [] }));
  const run = await apis.start();
  const url = await controllerUrl(run);
  await waitFor('the pause', async () =>
    (await ask(url, '/ready')).text.includes('tasks in a row have ended before they began'),
  );
  await run.printed(/"reason":"\d+ tasks in a row have ended before they began"/);
  expect(tasks.filter(({ state }) => state === 'queued').length).toBeGreaterThan(50);
  const { text } = await ask(url, '/metrics');
  expect(text).toContain('resource_class_ready{resource_class="my-namespace.my-class"} 0');
});

test('Pods of ended tasks that are kept take up no slots, even after a restart', async () => {
  const apis = await startTestApis();
  const pods = collection('pods');
  const start = () =>
    apis.start({ MAX_CONCURRENT_TASKS: '1', KUBE_DISABLE_POD_DELETION_ON_TASK_CLEANUP: 'true' });
  const known = new Set<string>();
  const runTask = async () => {
    apis.submit({ docker: [{ image: 'cimg/base:current' }] });
    const name = await waitFor('the Pod', () => apis.kubernetes.names(pods).find((it) => !known.has(it)));
    known.add(name);
    const pod = apis.kubernetes.get(pods, name);
    if (pod !== undefined) apis.endPod(pod, 0);
  };
  const first = await start();
  await runTask();
  await runTask();
  first.signal('SIGTERM');
  expect(await first.exited).toMatchObject({ status: 0 });
  await start();
  await runTask();
  expect(new Set(apis.kubernetes.names(pods))).toEqual(known);
  expect(known.size).toBe(3);
});

test('a class whose entry is removed claims nothing until it has one again, and the next Pod is made from that', async () => {
  const apis = await startTestApis();
  const KUBE_TASK_POD_CONFIG = join(apis.variables.KUBE_TASK_POD_CONFIG ?? '', '..', 'changing');
  const write = (classes: string) => writeFile(KUBE_TASK_POD_CONFIG, `resourceClasses: {${classes}}`);
  await write('my-namespace.my-class: {metadata: {labels: {version: "1"}}}');
  const run = await apis.start({ KUBE_TASK_POD_CONFIG });
  const url = await controllerUrl(run);
  await ready(url);
  await write('');
  await run.printed(/"reason":"the task Pod configuration has no entry for it yet, or not any more"/);
  expect(await ask(url, '/ready')).toMatchObject({ status: 503, text: expect.stringContaining('no entry') });
  const task = apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  // A class without work asks for it again after 7.5 s at most.
  await setTimeout(8000);
  expect(task.state).toBe('queued');
  await write('my-namespace.my-class: {metadata: {labels: {version: "2"}}}');
  await run.printed(/"msg":"claiming again"/);
  expect((await apis.podOfTask()).metadata).toMatchObject({ labels: { version: '2' } });
});

test('a controller that cannot find out which tasks already run claims nothing, and says why', async () => {
  const apis = await startTestApis();
  apis.kubernetes.intercept = ({ method, path, query }, response) => {
    if (method !== 'GET' || path !== collection('secrets') || query.has('watch')) return false;
    sendStatus(response, 503, 'ServiceUnavailable', 'etcd is away');
    return true;
  };
  const url = await controllerUrl(await apis.start());
  const words = 'the Kubernetes API has not said yet which tasks already run';
  await waitFor('the reason', async () => (await ask(url, '/ready')).text.includes(words));
  expect(apis.runnerApi.requests).toEqual([]);
  apis.kubernetes.intercept = () => false;
  await ready(url);
});

test('a class claims nothing while the configurations of two of its tasks cannot be read', async () => {
  const apis = await startTestApis();
  const unread = { status: 403, body: 'not the runner API' };
  apis.runnerApi.answer('task-configuration', [unread]);
  const tasks = [1, 2, 3].map(() => apis.submit({ docker: [{ image: 'cimg/base:current' }] }));
  const run = await apis.start();
  await run.printed(/"reason":"the configurations of its tasks cannot be read"/);
  apis.runnerApi.answer('task-configuration', [{}]);
  await waitFor('all Pods', () => apis.kubernetes.names(collection('pods')).length === tasks.length);
  await run.printed(/"msg":"claiming again"/);
});
