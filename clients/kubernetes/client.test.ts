import { expect, onTestFinished, test, vi } from 'vitest';
import { sendJson, sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { KubernetesClient } from './client.ts';
import { podsPath, testKubernetes } from './fixtures/test-kubernetes.ts';
import { KubernetesError, NoAnswerError } from './kubernetes-error.ts';

test('creates an object with all its fields, authorized by the token', async () => {
  const { api, client, observed, signal } = await testKubernetes();
  const pod = { metadata: { name: 'a' }, spec: { fieldOfTheFuture: [1, { x: null }] } };
  await client.pods.create(pod, signal);
  expect(api.requests).toMatchObject([
    { method: 'POST', path: podsPath, body: pod, authorization: 'Bearer token-of-the-test' },
  ]);
  expect(await client.pods.get('a', signal)).toMatchObject(pod);
  expect(observed).toEqual([
    { verb: 'create', resource: 'pods', status: 201 },
    { verb: 'get', resource: 'pods', status: 200 },
  ]);
});

test('reads a list page by page', async () => {
  const { api, client, signal } = await testKubernetes();
  api.pageSize = 2;
  for (const name of ['a', 'b', 'c', 'd', 'e']) api.put(podsPath, { metadata: { name, labels: { x: 'y' } } });
  const names: (string | undefined)[] = [];
  for await (const page of client.pods.pages({ labelSelector: 'x=y' }, signal)) {
    names.push(...page.items.map(({ metadata }) => metadata?.name));
  }
  expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(
    api.requests.map(({ query }) => [query.get('limit'), query.get('continue'), query.get('labelSelector')]),
  ).toEqual([
    ['100', null, 'x=y'],
    ['100', '2@0', 'x=y'],
    ['100', '4@0', 'x=y'],
  ]);
});

/** The words of an API server that has just started. */
const noRoles =
  'pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "runner"';

test('asks for a further page for a minute', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { api, client, signal } = await testKubernetes();
  api.pageSize = 1;
  for (const name of ['a', 'b']) api.put(podsPath, { metadata: { name } });
  let tries = 0;
  api.intercept = ({ query }, response) => {
    if (!query.has('continue')) return false;
    if (tries++ > 0) vi.advanceTimersByTime(30_000);
    sendStatus(response, 503, 'Reason', 'words');
    return true;
  };
  await expect(client.pods.list({}, signal, () => undefined)).rejects.toMatchObject({ status: 503 });
  expect(tries).toBe(3);
});

test('asks again for a further page that fails, and not for the first', async () => {
  const { api, client, signal } = await testKubernetes();
  api.pageSize = 1;
  for (const name of ['a', 'b', 'c']) api.put(podsPath, { metadata: { name } });
  const failing = [503, 0, 429, 403];
  api.intercept = ({ query }, response) => {
    const status = query.has('continue') ? failing.shift() : undefined;
    if (status === 0) response.destroy();
    else if (status !== undefined) sendStatus(response, status, 'Reason', status === 403 ? noRoles : 'words');
    return status !== undefined;
  };
  const list = () => client.pods.list({}, signal, ({ metadata }) => metadata?.name);
  expect(await list()).toEqual(['a', 'b', 'c']);
  expect(failing).toEqual([]);
  failing.push(410);
  await expect(list()).rejects.toMatchObject({ status: 410 });
  api.intercept = (_request, response) => {
    sendStatus(response, 503, 'Reason', 'words');
    return true;
  };
  const before = api.requests.length;
  await expect(list()).rejects.toMatchObject({ status: 503 });
  expect(api.requests.length - before).toBe(1);
});

test('reads a list as it was at a resource version, to its last page', async () => {
  const { api, client, signal } = await testKubernetes();
  api.pageSize = 2;
  const put = (name: string) => api.put(podsPath, { metadata: { name } });
  const [, , c] = [put('a'), put('b'), put('c')];
  put('d');
  api.remove(podsPath, 'a');
  const version = c?.metadata.resourceVersion ?? '';
  const names = await client.pods.listAt(version, {}, signal, ({ metadata }) => metadata?.name);
  expect(names).toEqual(['a', 'b', 'c']);
  const versions = api.requests.map(({ query }) => [...query.keys()].includes('resourceVersion'));
  expect(versions).toEqual([true, false]);
});

test('deletes the object with the given uid, and no other of the same name', async () => {
  const { api, client, signal } = await testKubernetes();
  const { metadata } = api.put(podsPath, { metadata: { name: 'a' } });
  await expect(client.pods.delete('a', { uid: 'another' }, signal)).rejects.toMatchObject({
    status: 409,
    reason: 'Conflict',
  });
  await client.pods.delete('a', { uid: metadata.uid, gracePeriodSeconds: 0 }, signal);
  expect(api.get(podsPath, 'a')).toBeUndefined();
  expect(api.requests.at(-1)?.body).toMatchObject({
    preconditions: { uid: metadata.uid },
    gracePeriodSeconds: 0,
  });
});

test('an error has the words of the API server, and the time to wait', async () => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    response.setHeader('Retry-After', '7');
    sendStatus(response, 429, 'TooManyRequests', 'the server is busy');
    return true;
  };
  const error = await client.pods.get('a', signal).catch((reason) => reason);
  expect(error).toBeInstanceOf(KubernetesError);
  expect(error).toMatchObject({
    status: 429,
    reason: 'TooManyRequests',
    retryAfterMs: 7000,
    message: `cannot get ${podsPath}/a at the Kubernetes API: the server is busy`,
  });
});

test.each([
  ['a proxy’s page', '<html>502</html>', 502],
  ['nothing', '', 503],
])('takes %s for an error, too', async (_case, body, status) => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    response.writeHead(status).end(body);
    return true;
  };
  await expect(client.pods.get('a', signal)).rejects.toMatchObject({ status, reason: '' });
});

test.each([
  ['a connection that breaks', (socket: { resetAndDestroy(): void } | null) => socket?.resetAndDestroy()],
  ['an answer that breaks off', undefined],
])('%s is no answer', async (_case, breakConnection) => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    if (breakConnection) breakConnection(response.socket);
    else
      response
        .writeHead(200, { 'Content-Length': '100' })
        .write('{"metadata":', () => response.socket?.destroy());
    return true;
  };
  await expect(client.pods.get('a', signal)).rejects.toBeInstanceOf(NoAnswerError);
});

test('an answer that is not JSON counts as no answer', async () => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    response.end('hello');
    return true;
  };
  await expect(client.pods.get('a', signal)).rejects.toBeInstanceOf(NoAnswerError);
});

test.each<[string, (client: KubernetesClient, signal: AbortSignal) => Promise<unknown>]>([
  ['an object', (client, signal) => client.pods.get('pod-a', signal)],
  ['a watch', (client, signal) => client.pods.openWatch({}, signal)],
  ['a log', (client, signal) => client.openLog({ pod: 'pod-a', container: 'c', follow: true }, signal)],
])('a connection that is only half open is no answer for %s', { tags: ['timed'] }, async (_case, ask) => {
  const { api, client, observed, signal } = await testKubernetes({ answerLimitMs: 50 });
  api.intercept = () => true;
  const words = /^cannot \w+ \S+ at the Kubernetes API: no answer in time$/;
  await expect(ask(client, signal)).rejects.toThrow(words);
  expect(observed).toMatchObject([{ status: 0 }]);
});

test('without a token no request is made, and a later try may succeed', async () => {
  const { api, client, signal } = await testKubernetes({
    token: async () => {
      throw new Error('the token is being replaced');
    },
  });
  await expect(client.pods.get('a', signal)).rejects.toThrow(NoAnswerError);
  expect(api.requests).toEqual([]);
});

test('a signal ends its request', async () => {
  const { api, client } = await testKubernetes();
  const end = new AbortController();
  api.intercept = () => {
    end.abort(new Error('enough'));
    return true;
  };
  await expect(client.pods.get('a', end.signal)).rejects.toThrow('enough');
});

test('names are escaped in paths', async () => {
  const { api, client, signal } = await testKubernetes();
  const name = '../secrets/x?watch=1';
  api.intercept = (_request, response) => {
    sendJson(response, 200, { metadata: { name } });
    return true;
  };
  await client.pods.get(name, signal);
  expect(api.requests[0]?.path).toBe(`${podsPath}/..%2Fsecrets%2Fx%3Fwatch%3D1`);
});

test('knows the time on the clock of the API server', async () => {
  const { api, client, signal } = await testKubernetes();
  const anHour = 3_600_000;
  api.intercept = (_request, response) => {
    response.setHeader('Date', new Date(Date.now() - anHour).toUTCString());
    return false;
  };
  await client.pods.list({}, signal, (pod) => pod);
  const behindMs = Date.now() - client.nowMs();
  expect(behindMs).toBeGreaterThan(anHour - 60_000);
  expect(behindMs).toBeLessThan(anHour + 60_000);
});
