import { expect, onTestFinished, test, vi } from 'vitest';
import { podsPath, secretsPath, testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { FakeKubernetesApi } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import { deletePod, deleteSecrets } from './delete-objects.ts';

const logger = new RecordingLogger();

test('the Secrets of a task are deleted, and no others', async () => {
  const { api, client, signal } = await testKubernetes();
  for (const name of ['task-1', 'task-1-registry', 'task-2']) api.put(secretsPath, { metadata: { name } });
  await deleteSecrets(client, ['task-1', 'task-1-registry'], logger, signal);
  expect(api.names(secretsPath)).toEqual(['task-2']);
});

test('another Pod with the same name stays', async () => {
  const { api, client, signal } = await testKubernetes();
  api.put(podsPath, { metadata: { name: 'task-1', uid: 'another' } });
  await deletePod(client, { metadata: { name: 'task-1', uid: 'ours' } }, 0, logger, signal);
  expect(api.names(podsPath)).toEqual(['task-1']);
});

test.each([undefined, 0, 10])('the containers of the Pod get the given time (%s)', async (graceSeconds) => {
  const { api, client, signal } = await testKubernetes();
  const { metadata } = api.put(podsPath, { metadata: { name: 'task-1' } });
  await deletePod(client, { metadata }, graceSeconds, logger, signal);
  expect(
    api.requests.map(({ body }) => (body as { gracePeriodSeconds?: number }).gracePeriodSeconds),
  ).toEqual([graceSeconds]);
});

const soon = { first: 1, longest: 1 };

test.each([
  [401, 20],
  [429, 20],
  [500, 20],
  [403, 3],
])('the deletion is tried again while the answer is %s', async (status, times) => {
  const { api, client, signal } = await testKubernetes();
  const { metadata } = api.put(podsPath, { metadata: { name: 'task-1' } });
  let refusals = times;
  api.intercept = (_request, response) => {
    if (refusals-- <= 0) return false;
    sendStatus(response, status, 'Reason', 'words');
    return true;
  };
  const { isDone } = await deletePod(client, { metadata }, undefined, logger, signal, soon);
  expect(isDone).toBe(true);
  expect(api.names(podsPath)).toEqual([]);
});

test('an outage is one line for each object, and not one for each try', async () => {
  const { api, client, signal } = await testKubernetes();
  const { metadata } = api.put(podsPath, { metadata: { name: 'task-1' } });
  const answers = ['words', 'words', 'words', 'others', 'others'];
  api.intercept = (_request, response) => {
    const words = answers.shift();
    if (words !== undefined) sendStatus(response, 500, 'Reason', words);
    return words !== undefined;
  };
  const recording = new RecordingLogger();
  await deletePod(client, { metadata }, undefined, recording, signal, soon);
  expect(recording.events.map(({ fields }) => String(fields.error))).toEqual([
    expect.stringContaining('words'),
    expect.stringContaining('others'),
  ]);
});

/** Says to each deletion that a right is missing, and lets some time pass meanwhile. */
function denyRight(api: FakeKubernetesApi, eachMs: number, isDenied: () => boolean): void {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const words = 'secrets "task-1" is forbidden: User "u" cannot delete resource "secrets" in API group ""';
  api.intercept = (_request, response) => {
    vi.advanceTimersByTime(eachMs);
    if (isDenied()) sendStatus(response, 403, 'Forbidden', words);
    return isDenied();
  };
}

test('a right may be missing for a while, as after the start of an API server', async () => {
  const { api, client, signal } = await testKubernetes();
  api.put(secretsPath, { metadata: { name: 'task-1' } });
  denyRight(api, 4000, () => api.requests.length <= 14);
  expect(await deleteSecrets(client, ['task-1'], logger, signal, soon)).toBe(true);
  expect(api.names(secretsPath)).toEqual([]);
});

test('an object stays if the right to delete it is missing for a minute', async () => {
  const { api, client, signal } = await testKubernetes();
  denyRight(api, 10_000, () => true);
  expect(await deleteSecrets(client, ['task-1'], logger, signal, soon)).toBe(false);
  expect(api.requests).toHaveLength(7);
});

test('an object that may not be deleted stays', async () => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    sendStatus(response, 403, 'Forbidden', 'no');
    return true;
  };
  const pod = { metadata: { name: 'task-1', uid: 'u' } };
  expect(await deletePod(client, pod, undefined, logger, signal, soon)).toEqual({ isDone: false });
  expect(await deleteSecrets(client, ['task-1'], logger, signal, soon)).toBe(false);
});
