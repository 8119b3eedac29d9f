import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeImage } from '../../../internal/dev/cluster/images/image.ts';
import {
  type ImageRegistry,
  startImageRegistry,
} from '../../../internal/dev/testing/cluster/image-registry.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { TestController } from './controller.ts';

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
    foreign: { image, onlyFor: 's390x' },
  });
  controller = await TestController.start({
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
  ['is for other machines only', 'foreign', /no match for platform/],
])('an image that %s fails the task in the words of the runtime', async (_what, repository, words) => {
  const task = controller.submit({ image: registry.nameOf(repository) });
  const { calls, lifecycle, message } = await task.ended();
  expect(calls).toEqual(['fail']);
  expect(message).toMatch(/primary container container-0 .* cannot be pulled/);
  expect(message).toMatch(words);
  expect(lifecycle).toContain('Failed to pull image');
});

test('the credentials of the job open a private registry, and go with the task', async () => {
  const task = controller.submit({
    image: registry.nameOf('private'),
    job: { auth: credentials },
    agent: ['say=hello'],
  });
  const { calls, lifecycle } = await task.ended();
  expect(calls).toEqual([]);
  expect(JSON.stringify([task.pods, lifecycle])).not.toContain(credentials.password);
});

test('a registry that is ill for a while delays the task, and costs it nothing', async () => {
  const task = controller.submit({ image: registry.nameOf('soon-well') });
  expect(await task.ended()).toMatchObject({
    calls: [],
    lifecycle: expect.stringMatching(/503.*Successfully pulled image/s),
  });
});

test('a registry that stays ill has the task handed back after a time', async () => {
  const task = controller.submit({ image: registry.nameOf('always-ill') });
  const { calls, lifecycle } = await task.ended();
  expect(calls).toEqual(['unclaim']);
  expect(lifecycle).toMatch(/was not pulled within 30s.*503/s);
});

test('a name that no image can have fails the task at once', async () => {
  const task = controller.submit({ image: 'No:Name:At:All' });
  const { calls, message } = await task.ended();
  expect(calls).toEqual(['fail']);
  expect(message).toMatch(/cannot be used.*No:Name:At:All/s);
});

test('a service whose image cannot be pulled fails the task, by the name of the service', async () => {
  const task = controller.submit({
    // Else what the orchestrator says when its Pod is deleted would be accepted, too.
    comesAgain: true,
    services: [{ image: images.busybox, command: ['sleep', '1000'] }, { image: registry.nameOf('missing') }],
  });
  const { message } = await task.ended();
  expect(message).toMatch(/service container container-2 .*missing.* cannot be pulled/);
});
