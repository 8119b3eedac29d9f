import { expect, test } from 'vitest';
import { testKubernetes } from '../../clients/kubernetes/test-kubernetes.ts';
import { sendJson, sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { PodEvents } from './pod-events.ts';

test.each([[[403, 403, 403]], [[503, 410, 403]]])(
  'the events of a Pod are listed once the API server allows it (%s)',
  async (refusals) => {
    const { api, client, signal } = await testKubernetes();
    api.put('/api/v1/namespaces/runner/events', {
      metadata: { name: 'e' },
      ...{ involvedObject: { kind: 'Pod', name: 'pod-a' }, reason: 'Started' },
    });
    const left = [...refusals];
    api.intercept = (_request, response) => {
      const status = left.shift();
      if (status !== undefined) sendStatus(response, status, 'Reason', 'words');
      return status !== undefined;
    };
    expect(await new PodEvents(client).list('pod-a', signal)).toMatchObject([{ reason: 'Started' }]);
  },
);

test('a right that is missing for good is an error', async () => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    sendStatus(response, 403, 'Forbidden', 'no');
    return true;
  };
  await expect(new PodEvents(client).list('pod-a', signal)).rejects.toMatchObject({ status: 403 });
});

test('events are asked for by one request at a time, also if one fails', async () => {
  const { api, client, signal } = await testKubernetes();
  let [open, most, count] = [0, 0, 0];
  api.intercept = (_request, response) => {
    most = Math.max(most, ++open);
    const fails = ++count === 2;
    setTimeout(() => {
      open--;
      if (fails) sendStatus(response, 503, 'ServiceUnavailable', 'later');
      else sendJson(response, 200, { kind: 'EventList', metadata: {}, items: [] });
    }, 20);
    return true;
  };
  const events = new PodEvents(client);
  const lists = await Promise.all(['a', 'b', 'c', 'd'].map((name) => events.list(name, signal)));
  expect({ lists, most, count }).toEqual({ lists: [[], [], [], []], most: 1, count: 5 });
});

test('whoever no longer waits makes no request', async () => {
  const { api, client, signal } = await testKubernetes();
  const asked: (string | null)[] = [];
  api.intercept = ({ query }, response) => {
    asked.push(query.get('fieldSelector'));
    setTimeout(() => sendJson(response, 200, { kind: 'EventList', metadata: {}, items: [] }), 20);
    return true;
  };
  const events = new PodEvents(client);
  const abort = new AbortController();
  const lists = [events.list('a', signal), events.list('b', abort.signal), events.list('c', signal)];
  abort.abort(new Error('enough'));
  expect(await Promise.allSettled(lists)).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { message: 'enough' } },
    { status: 'fulfilled' },
  ]);
  expect(asked.map((selector) => selector?.at(-1))).toEqual(['a', 'c']);
});
