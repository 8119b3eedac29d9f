import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeImage } from '../../../internal/dev/cluster/images/image.ts';
import {
  type ImageRegistry,
  startImageRegistry,
} from '../../../internal/dev/testing/cluster/image-registry.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';

const credentials = { username: 'somebody', password: 'not-a-secret' };

let controller: TestController;
let registry: ImageRegistry;
beforeAll(async () => {
  const image = await makeImage({ folders: { '/shared': 0o755 } });
  registry = await startImageRegistry({
    private: { image, credentials },
    closed: { image, credentials },
    'soon-well': { image, trouble: { status: 503, requests: 2 } },
    'always-ill': { image, trouble: { status: 503, requests: Number.POSITIVE_INFINITY } },
    throttled: { image, trouble: { status: 429, requests: Number.POSITIVE_INFINITY } },
    forbidden: { image, trouble: { status: 403, requests: Number.POSITIVE_INFINITY } },
    silent: { image, hangs: 'at-once' },
    // A layer that is already on the node is not pulled again.
    stuck: { image: await makeImage({ folders: { '/stuck': 0o755 } }), hangs: 'within-layer' },
    foreign: { image, onlyFor: 's390x' },
  });
  // A kubelet that pulls from a silent registry does not end the Pod in time.
  const brief = { spec: { ...smallClass.spec, terminationGracePeriodSeconds: 1 } };
  controller = await TestController.start({
    classes: { [linux]: brief },
    variables: { RUNNER_IMAGE_ERROR_GRACE: '2s', RUNNER_IMAGE_PULL_TIMEOUT: '30s' },
  });
});
afterAll(async () => {
  await controller[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

test.each([
  ['does not exist', 'missing', /not found/],
  ['is denied', 'closed', /no basic auth credentials|401|unauthorized|authorization failed/i],
  ['is forbidden', 'forbidden', /403|denied/],
  ['is for other machines only', 'foreign', /no match for platform/],
])('an image that %s fails the task in the words of the runtime', async (_what, repository, words) => {
  const task = controller.submit({ image: registry.nameOf(repository) });
  const { calls, lifecycle, message } = await task.ended();
  expect(calls).toEqual(['fail']);
  expect(message).toMatch(/primary container container-0 .* cannot be pulled/);
  expect(message).toMatch(words);
  expect(lifecycle).toContain('Failed to pull image');
});

test('an init image that does not exist is not the job’s mistake: its task is handed back, and its class rests', async () => {
  await using installed = await TestController.start({
    variables: { KUBE_RUNNER_INIT_IMAGE: registry.nameOf('missing'), RUNNER_IMAGE_ERROR_GRACE: '1s' },
  });
  const task = installed.submit({ retries: 2, comesAgain: true });
  const { calls, message } = await task.ended(3);
  expect(calls).toEqual(['unclaim', 'unclaim', 'unclaim', 'fail']);
  expect(message).toMatch(
    /init container .* cannot be pulled.*look at KUBE_RUNNER_INIT_IMAGE\. .*are used up/s,
  );
  const isRest = ({ msg, reason }: Record<string, unknown>) =>
    msg === 'not claiming' && reason === '3 tasks in a row have ended before they began';
  await installed.logged('the rest', isRest);
});

test('the credentials of the job open a private registry, and are deleted with the task', async () => {
  const task = controller.submit({
    image: registry.nameOf('private'),
    job: { auth: credentials },
    agent: ['say=hello'],
  });
  const { calls, lifecycle } = await task.ended();
  expect(calls).toEqual([]);
  expect(JSON.stringify([task.pods, lifecycle])).not.toContain(credentials.password);
});

test('a registry that fails for a while only delays the task', async () => {
  const task = controller.submit({ image: registry.nameOf('soon-well') });
  expect(await task.ended()).toMatchObject({
    calls: [],
    lifecycle: expect.stringMatching(/503.*Successfully pulled image/s),
  });
});

test.each([
  ['fails', 'always-ill', /503/],
  ['throttles', 'throttled', /429|toomanyrequests/],
  ['is silent', 'silent', /the image is still being pulled/],
  ['sends a part of the image', 'stuck', /the image is still being pulled/],
])('a registry that %s for long has the task handed back after a time', async (_what, repository, words) => {
  const task = controller.submit({ image: registry.nameOf(repository) });
  const { calls, lifecycle, work } = await task.ended();
  expect({ calls, work }).toMatchObject({
    calls: ['unclaim'],
    work: { reason: 'image-pull-timeout', 'app.to_retry': true },
  });
  expect(lifecycle).toMatch(/was not pulled within 30s/);
  expect(lifecycle).toMatch(words);
});

test('an impossible name of an image fails the task at once', async () => {
  const task = controller.submit({ image: 'No:Name:At:All' });
  const { calls, message } = await task.ended();
  expect(calls).toEqual(['fail']);
  expect(message).toMatch(/cannot be used.*No:Name:At:All/s);
});

test('a service whose image cannot be pulled fails the task, and the message names the service', async () => {
  const task = controller.submit({
    // Otherwise the orchestrator's report when its Pod is deleted would be accepted, too.
    comesAgain: true,
    services: [{ image: images.busybox, command: ['sleep', '1000'] }, { image: registry.nameOf('missing') }],
  });
  const { message } = await task.ended();
  expect(message).toMatch(/service container container-2 .*missing.* cannot be pulled/);
});
