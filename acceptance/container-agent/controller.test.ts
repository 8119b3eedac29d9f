import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import { startFakeProxy } from '../../internal/dev/testing/fake-proxy.ts';
import type { RunningProgram } from '../../internal/dev/testing/running-program.ts';
import {
  type ControllerApis,
  collection,
  controllerUrl,
  startController,
  startControllerApis,
} from '../../internal/dev/testing/start-controller.ts';
import { createAuthority } from '../../internal/dev/testing/tls-fixtures.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { repository } from '../../internal/packer/repository.ts';

let apis: ControllerApis;
beforeEach(async () => {
  apis = untilTestEnds(await startControllerApis());
});

async function start(variables: Readonly<Record<string, string>> = {}): Promise<RunningProgram> {
  return untilTestEnds(await apis.start(variables));
}

/** The only Pod, once it exists. */
function podOfTask(): Promise<StoredObject> {
  const pods = collection('pods');
  return waitFor('the Pod of the task', () =>
    apis.kubernetes.get(pods, apis.kubernetes.names(pods)[0] ?? ''),
  );
}

/** The objects that the controller has asked the API server to create, in order. */
function created(objects: 'pods' | 'secrets'): unknown[] {
  return apis.kubernetes.requests
    .filter(({ method, path }) => method === 'POST' && path === collection(objects))
    .map(({ body }) => body);
}

async function ask(url: string, path: string) {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, text: await response.text() };
}

async function ready(url: string): Promise<void> {
  await waitFor('the controller to be ready', async () => (await ask(url, '/ready')).status === 200);
}

/** Ends the Pod of the task like a kubelet when the orchestrator has ended with this status. */
function endPod(pod: StoredObject, exitCode: number): void {
  const terminated = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
  const containerStatuses = [{ name: 'container-0', ready: false, state: { terminated } }];
  const status = { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses };
  apis.kubernetes.put(collection('pods'), { ...pod, ...{ status } });
}

test('is live at once, and ready when it knows the cluster and its claims are answered', {
  tags: ['quick'],
}, async () => {
  apis.runnerApi.answer('claim', [{ status: 500 }]);
  const url = await controllerUrl(await start());
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

test('a class of the task Pod configuration is not ready without a token, or with a refused one', async () => {
  const KUBE_TASK_POD_CONFIG = join(apis.variables.KUBE_TASK_POD_CONFIG ?? '', '..', 'more');
  await writeFile(KUBE_TASK_POD_CONFIG, 'resourceClasses: {my-namespace.my-class: , my-namespace.other: }');
  apis.runnerApi.answer('claim', [{ status: 401 }]);
  const url = await controllerUrl(await start({ KUBE_TASK_POD_CONFIG }));
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

test('SIGTERM with nothing to do ends it with 0', { tags: ['quick'] }, async () => {
  const run = await start();
  await ready(await controllerUrl(run));
  run.signal('SIGTERM');
  expect(await run.result()).toMatchObject({ status: 0, stderr: '' });
});

test('a full disk behind its output changes nothing else', async () => {
  await using full = await open('/dev/full', 'w');
  const output = { stdout: full.fd, stderr: full.fd };
  const task = apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  const run = untilTestEnds(await startController(apis.variables, output));
  const pod = await podOfTask();
  endPod(pod, 3);
  await waitFor('the end of the Pod', () => !apis.kubernetes.get(collection('pods'), pod.metadata.name));
  expect(task.state).toBe('failed');
  run.signal('SIGTERM');
  expect(await run.result()).toMatchObject({ status: 0 });
});

test('SIGTERM before it is ready ends it with 0, too', async () => {
  apis.kubernetes.intercept = () => true; // No request is ever answered.
  const run = await start();
  await controllerUrl(run);
  run.signal('SIGTERM');
  expect(await run.result()).toMatchObject({ status: 0 });
});

test('a task becomes a Secret and a Pod, and both are deleted when the Pod has succeeded', async () => {
  const task = apis.submit({
    task_id: '1b1c',
    docker: [{ image: 'cimg/base:current', command: ['echo'], user: 'circleci' }],
  });
  const run = await start();
  const pod = await podOfTask();
  const { name } = pod.metadata;
  const [claim] = task.claims;
  const text = await readFile(join(repository, 'runner', 'pod', 'golden', 'plain.yaml'), 'utf8');
  const golden = parse(
    text
      .replaceAll('ccita-1b1c-0-12345678', name)
      .replace('allocation: allocation', `allocation: ${claim?.allocation}`),
  );
  expect(created('pods')).toEqual([golden]);
  const [secret] = created('secrets') as { stringData: Record<string, string> }[];
  const { stringData = {} } = secret ?? {};
  expect(stringData['task-token']).toBe(claim?.token);
  expect(JSON.parse(stringData.config ?? '')).toMatchObject({
    task_id: '1b1c',
    token: claim?.token,
    allocation: claim?.allocation,
    cmd: ['echo'],
    user: 'circleci',
    runner_api_base_url: apis.runnerApi.url,
  });

  endPod(pod, 0);
  await run.printed(/"msg":"service-work"/);
  await waitFor('the Pod and its Secret to be gone', () =>
    (['pods', 'secrets'] as const).every(
      (objects) => apis.kubernetes.get(collection(objects), name) === undefined,
    ),
  );
  expect(task).toMatchObject({ state: 'claimed', claims: [{ steps: [{ end: { result: 'success' } }] }] });
  for (const secret of [...Object.values(apis.tokens), claim?.token ?? '']) {
    expect(run.stdout.text + run.stderr.text).not.toContain(secret);
  }
});

test('a task whose Pod fails is reported as failed, with the reason', async () => {
  const configuration = { docker: [{ image: 'cimg/base:current' }] };
  const task = apis.submit(configuration);
  await start();
  endPod(await podOfTask(), 3);
  await waitFor('the report', () => task.state === 'failed');
  expect(task.message).toMatch(/container-0.*3/);
});

test('a class whose tasks all fail at once does not claim them without a pause', async () => {
  const tasks = Array.from({ length: 100 }, () => apis.submit({ docker: [] }));
  const run = await start();
  const url = await controllerUrl(run);
  await waitFor('the pause', async () =>
    (await ask(url, '/ready')).text.includes('tasks in a row have ended before they had a Pod'),
  );
  await run.printed(/"reason":"\d+ tasks in a row have ended before they had a Pod"/);
  expect(tasks.filter(({ state }) => state === 'queued').length).toBeGreaterThan(50);
  const { text } = await ask(url, '/metrics');
  expect(text).toContain('resource_class_ready{resource_class="my-namespace.my-class"} 0');
});

test('after SIGTERM, the controller waits for a running task, and claims nothing more', async () => {
  const submit = () => apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  submit();
  const run = await start();
  const pod = await podOfTask();
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
  endPod(pod, 0);
  expect(await run.result()).toMatchObject({ status: 0 });
  expect(second.state).toBe('queued');
});

test('a second signal ends it at once, and leaves the task to the next controller', async () => {
  apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  const run = await start();
  const { metadata } = await podOfTask();
  const url = await controllerUrl(run);
  run.signal('SIGTERM');
  await waitFor('the drain', async () => (await ask(url, '/ready')).text.includes('"drain"'));
  run.signal('SIGTERM');
  expect(await run.result()).toMatchObject({ status: 0 });
  for (const objects of ['pods', 'secrets'] as const) {
    expect(apis.kubernetes.get(collection(objects), metadata.name)).toBeDefined();
  }
});

test('an unaccepted certificate is explained, after warnings about wrong settings', async () => {
  const stranger = await createAuthority();
  const secure = untilTestEnds(await startFakeRunnerApi({ tls: await stranger.issue() }));
  const run = await start({ RUNNER_API: secure.url, SSL_CERT_FILE: '/no/such.pem', O11Y_FORMAT: 'text' });
  await run.printed(
    /a setting is probably wrong problem="\/no\/such\.pem cannot be read: .*setting=SSL_CERT_FILE/,
  );
  await run.printed(
    /a claim failed .*the certificate was not accepted .* and \d+ others; SSL_CERT_FILE is \/no\/such\.pem/,
  );
});

test('only the runner API is called through the proxy', async () => {
  await using proxy = await startFakeProxy({ leadTo: Number(new URL(apis.runnerApi.url).port) });
  const task = apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  await start({ RUNNER_API: 'http://runner.test', http_proxy: `http://127.0.0.1:${proxy.port}` });
  endPod(await podOfTask(), 3);
  await waitFor('the report', () => task.state === 'failed');
  expect(new Set(proxy.requests.map(({ target }) => new URL(target).host))).toEqual(new Set(['runner.test']));
  expect(proxy.requests.map(({ target }) => new URL(target).pathname)).toContain('/api/v2/task/event/fail');
});

test('a call that is tried again is logged once, with its first failure', async () => {
  const run = await start({ O11Y_FORMAT: 'text' });
  apis.runnerApi.answer('task-configuration', [{ status: 503 }, { status: 502 }, {}]);
  const configuration = { task_id: '1b1c', docker: [{ image: 'busybox' }] };
  apis.submit(configuration);
  await podOfTask();
  const [first, ...others] = run.stdout.text.split('\n').filter((line) => line.includes('is tried again'));
  expect(first).toMatch(/ WARN a call .*task\/config: HTTP status 503 \(1 attempt .* limit_ms=\d+$/);
  expect(others).toEqual([]);
});

test('a load balancer, a proxy and a login page in place of the runner API cost no task', async () => {
  const page = { body: '<html>not the runner API</html>' };
  apis.runnerApi.answer('task-configuration', [{ status: 404, ...page }, page, {}]);
  apis.runnerApi.answer('step-start', [{ status: 404, ...page }, {}]);
  const loginPage = { headers: { 'Content-Type': 'text/html; charset=utf-8' }, ...page };
  apis.runnerApi.answer('fail', [
    { status: 403, ...page },
    { status: 404, ...page },
    { status: 200, ...loginPage },
    {},
  ]);
  const task = apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  await start({ RUNNER_CANCELLATION_GRACE: '1m' });
  const pod = await podOfTask();
  const step = () => task.claims.at(-1)?.steps.find(({ output }) => output !== '');
  await waitFor('the lifecycle step', () => step()?.output.includes('was created'));
  endPod(pod, 3);
  await waitFor('the report', () => task.state !== 'claimed');
  expect(task).toMatchObject({ state: 'failed', message: expect.stringContaining('exit status 3') });
  expect(step()).toMatchObject({ end: { result: 'failure' } });
});

test('a class whose entry is removed claims nothing until it has one again, and the next Pod is made from that', async () => {
  const KUBE_TASK_POD_CONFIG = join(apis.variables.KUBE_TASK_POD_CONFIG ?? '', '..', 'changing');
  const write = (classes: string) => writeFile(KUBE_TASK_POD_CONFIG, `resourceClasses: {${classes}}`);
  await write('my-namespace.my-class: {metadata: {labels: {version: "1"}}}');
  const run = await start({ KUBE_TASK_POD_CONFIG });
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
  expect((await podOfTask()).metadata).toMatchObject({ labels: { version: '2' } });
});

test('a controller that cannot find out which tasks already run claims nothing, and says why', async () => {
  apis.kubernetes.intercept = ({ method, path, query }, response) => {
    if (method !== 'GET' || path !== collection('secrets') || query.has('watch')) return false;
    sendStatus(response, 503, 'ServiceUnavailable', 'etcd is away');
    return true;
  };
  const url = await controllerUrl(await start());
  const words = 'the Kubernetes API has not said yet which tasks already run';
  await waitFor('the reason', async () => (await ask(url, '/ready')).text.includes(words));
  expect(apis.runnerApi.requests).toEqual([]);
  apis.kubernetes.intercept = () => false;
  await ready(url);
});

test('a class claims nothing while the configurations of two of its tasks cannot be read', async () => {
  const unread = { status: 403, body: 'not the runner API' };
  apis.runnerApi.answer('task-configuration', [unread]);
  const tasks = [1, 2, 3].map(() => apis.submit({ docker: [{ image: 'cimg/base:current' }] }));
  const run = await start();
  await run.printed(/"reason":"the configurations of its tasks cannot be read"/);
  apis.runnerApi.answer('task-configuration', [{}]);
  await waitFor('all Pods', () => apis.kubernetes.names(collection('pods')).length === tasks.length);
  await run.printed(/"msg":"claiming again"/);
});

test('an unusable task Pod configuration ends the start with one line and 80', async () => {
  const KUBE_TASK_POD_CONFIG = join(apis.variables.KUBE_TASK_POD_CONFIG ?? '', '..', 'wrong');
  await writeFile(KUBE_TASK_POD_CONFIG, 'resourceClasses: {a.b: {spec: []}}');
  expect(await (await start({ KUBE_TASK_POD_CONFIG })).result()).toMatchObject({
    status: 80,
    stderr: expect.stringMatching(/^container-agent: [^\n]*resourceClasses\.a\.b\.spec[^\n]*\n$/),
  });
});
