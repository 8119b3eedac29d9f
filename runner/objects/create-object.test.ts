import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { podsPath, testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { FakeKubernetesApi } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { type CreateTries, createObject, NotCreatedError } from './create-object.ts';

const pod = { metadata: { name: 'task-1', annotations: { of: 'us' } } };

/** Tries to create the Pod at a fake API server. */
async function startCreation(change: Partial<CreateTries<Pod>> = {}) {
  const kubernetes = await testKubernetes();
  const { api, client, signal } = kubernetes;
  const delays: string[] = [];
  const told: string[] = [];
  const tries: CreateTries<Pod> = {
    untilMs: performance.now() + 60_000,
    backoff: { first: 1, longest: 1 },
    isOurs: ({ metadata }) => metadata?.annotations?.of === 'us',
    onDelay: (problem, words) => {
      delays.push(problem);
      told.push(words);
    },
    unwanted: new AbortController().signal,
    ...change,
  };
  return { api, create: () => createObject(client.pods, pod, tries, signal), delays, told };
}

test('an object whose answer was lost is found, and created once', async () => {
  const { api, create, delays } = await startCreation();
  let isLost = false;
  api.intercept = (request, response) => {
    if (request.method !== 'POST' || isLost) return false;
    isLost = true;
    api.put(podsPath, request.body as StoredObject);
    response.socket?.resetAndDestroy();
    return true;
  };
  expect(await create()).toMatchObject(pod);
  expect(delays).toEqual(['later']);
  expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET']);
});

test('an object of others with the same name is left alone', async () => {
  const { api, create } = await startCreation();
  api.put(podsPath, { metadata: { name: 'task-1' } });
  await expect(create()).rejects.toMatchObject({
    name: 'NotCreatedError',
    retry: 'always',
    message: 'Another object is called task-1.',
  });
});

test('an object that is refused for now is tried until the time is over', async () => {
  const { api, create, delays } = await startCreation({ untilMs: performance.now() + 50 });
  api.intercept = (_request, response) => {
    sendStatus(response, 403, 'Forbidden', 'exceeded quota: q');
    return true;
  };
  await expect(create()).rejects.toMatchObject({
    retry: 'always',
    message: expect.stringContaining('exceeded quota'),
  });
  // After the last refusal it is not "not yet".
  expect(delays).toEqual(api.requests.slice(1).map(() => 'full'));
});

test('a pause that the API server asks for ends when the time is over', async () => {
  const { api, create } = await startCreation({ untilMs: performance.now() + 50 });
  api.intercept = (_request, response) => {
    response.setHeader('retry-after', '60');
    sendStatus(response, 429, 'TooManyRequests', 'later');
    return true;
  };
  await expect(create()).rejects.toMatchObject({ retry: 'always' });
  expect(api.requests.length).toBeGreaterThan(1);
});

test('an object that is refused for good is not tried again', async () => {
  const { api, create, delays } = await startCreation();
  api.intercept = (_request, response) => {
    sendStatus(response, 422, 'Invalid', 'no');
    return true;
  };
  const error = await create().catch((reason) => reason);
  expect(error).toBeInstanceOf(NotCreatedError);
  expect(error).toMatchObject({ retry: 'never' });
  expect(delays).toEqual([]);
  expect(api.requests).toHaveLength(1);
});

test('an object that nobody wants any more is not created', async () => {
  const unwanted = new AbortController();
  const { api, create } = await startCreation({ unwanted: unwanted.signal });
  api.intercept = (_request, response) => {
    unwanted.abort(new Error('the task is gone'));
    sendStatus(response, 503, 'ServiceUnavailable', 'later');
    return true;
  };
  await expect(create()).rejects.toThrow('the task is gone');
  expect(api.requests).toHaveLength(1);
});

/** Loses the answer to the create, then gives these answers for the object. */
function loseAnswer(api: FakeKubernetesApi, isMade: boolean, ...answers: readonly number[]) {
  const left = [...answers];
  api.intercept = (request, response) => {
    if (request.method === 'POST') {
      if (isMade) api.put(podsPath, request.body as StoredObject);
      response.socket?.resetAndDestroy();
      return true;
    }
    const status = left.shift();
    if (status !== undefined) sendStatus(response, status, 'ServiceUnavailable', 'down');
    return status !== undefined;
  };
}

test('an object that may exist when the time is over is asked for until the API server answers', async () => {
  const { api, create, delays } = await startCreation({ untilMs: 0, findTrace: async () => undefined });
  // An API server that has just started refuses what the Role allows.
  loseAnswer(api, true, 503, 403, 403, 500, ...Array.from({ length: 20 }, () => 403));
  expect(await create()).toMatchObject(pod);
  expect(delays).toEqual(Array.from({ length: 24 }, () => 'later'));
});

test('an object that was not created is known not to exist', async () => {
  const { api, create } = await startCreation({ untilMs: 0, findTrace: async () => undefined });
  loseAnswer(api, false, 503);
  await expect(create()).rejects.toMatchObject({ name: 'NotCreatedError', retry: 'always' });
  expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
});

test('an object that may have been created is asked for before another try', async () => {
  const { api, create } = await startCreation({ findTrace: async () => undefined });
  loseAnswer(api, true, 503);
  expect(await create()).toMatchObject(pod);
  expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
});

test('an object that was created is not created again when it is gone', async () => {
  const { api, create } = await startCreation({ findTrace: async () => pod });
  loseAnswer(api, false);
  expect(await create()).toEqual(pod);
  expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

test('an object that an internal error has left is not created again when it is gone', async () => {
  const { api, create } = await startCreation({ findTrace: async () => pod });
  api.intercept = ({ method }, response) => {
    if (method === 'POST') sendStatus(response, 500, 'InternalError', 'etcdserver: request timed out');
    return method === 'POST';
  };
  expect(await create()).toEqual(pod);
  expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

test('an object of others that was there is not taken for ours', async () => {
  const { api, create } = await startCreation({ findTrace: async () => ({ metadata: { name: 'task-1' } }) });
  let isLost = false;
  api.intercept = (request, response) => {
    if (request.method !== 'POST' || isLost) return false;
    isLost = true;
    response.socket?.resetAndDestroy();
    return true;
  };
  expect(await create()).toMatchObject(pod);
  expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST']);
});

test('an object that nobody wants any more is not asked for', async () => {
  const unwanted = new AbortController();
  const { api, create } = await startCreation({
    untilMs: 0,
    findTrace: async () => undefined,
    unwanted: unwanted.signal,
    onDelay: () => api.requests.length > 2 && unwanted.abort(new Error('the task is gone')),
  });
  loseAnswer(api, true, ...Array.from({ length: 9 }, () => 503));
  await expect(create()).rejects.toThrow('the task is gone');
});

test('an object that may exist is given up in time if certainty is not needed', async () => {
  const { api, create } = await startCreation({ untilMs: 0 });
  loseAnswer(api, true);
  await expect(create()).rejects.toMatchObject({ name: 'NotCreatedError', retry: 'always' });
  expect(api.requests).toHaveLength(1);
});

test('the words of the API server are on one line, limited in length, and without secrets', async () => {
  const words = `hush:\n${'x'.repeat(1990)} hush${'y'.repeat(50_000)}`;
  let tries = 0;
  const { api, create, told } = await startCreation({
    clean: (text) => text.replaceAll('hush', '(left out)'),
  });
  api.intercept = (_request, response) => {
    tries++;
    sendStatus(response, tries === 1 ? 500 : 422, 'Reason', words);
    return true;
  };
  const error = await create().catch((reason: Error) => reason);
  expect(error).toBeInstanceOf(NotCreatedError);
  for (const text of [told[0], (error as Error).message]) {
    expect(text).toContain('(left out): x');
    expect(text).not.toMatch(/hush|\n/);
    expect(text?.length).toBeLessThan(2500);
  }
});
