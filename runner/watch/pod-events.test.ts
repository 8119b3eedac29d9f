import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendJson, sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
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
    expect(await new PodEvents(client, signal).list('pod-a', signal)).toMatchObject([{ reason: 'Started' }]);
  },
);

test('a right that is missing for good is an error', async () => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    sendStatus(response, 403, 'Forbidden', 'no');
    return true;
  };
  await expect(new PodEvents(client, signal).list('pod-a', signal)).rejects.toMatchObject({ status: 403 });
});

/** An API server without events, and what was selected in each list of them. */
async function startApi() {
  const { api, client, signal } = await testKubernetes();
  const asked: (string | null)[] = [];
  let [open, most] = [0, 0];
  const answer = { status: 200 };
  api.intercept = ({ query }, response) => {
    asked.push(query.get('fieldSelector'));
    most = Math.max(most, ++open);
    const { status } = answer;
    answer.status = 200;
    setTimeout(() => {
      open--;
      if (status !== 200) sendStatus(response, status, 'ServiceUnavailable', 'later');
      else sendJson(response, 200, { kind: 'EventList', metadata: {}, items: [] });
    }, 20);
    return true;
  };
  return { answer, asked, events: new PodEvents(client, signal), most: () => most, signal };
}

const ofPods = 'involvedObject.kind=Pod';

test('whoever asks during a list shares the next one', async () => {
  const { asked, events, most, signal } = await startApi();
  const first = events.list('a', signal);
  await waitFor('the first list', () => asked.length === 1);
  const others = ['b', 'c', 'd'].map((name) => events.list(name, signal));
  expect(await Promise.all([first, ...others])).toEqual([[], [], [], []]);
  expect({ asked, most: most() }).toEqual({ asked: [`${ofPods},involvedObject.name=a`, ofPods], most: 1 });
});

test('tasks that ask shortly after one another share a list', async () => {
  const { asked, events, signal } = await startApi();
  const lists: Promise<unknown>[] = [];
  for (let task = 0; task < 10; task++) {
    lists.push(events.list(`task-${task}`, signal));
    await pause(5);
  }
  await Promise.all(lists);
  expect(asked).toEqual([ofPods]);
});

test('whoever shares a list that fails asks again', async () => {
  const { answer, asked, events, most, signal } = await startApi();
  answer.status = 503;
  const lists = await Promise.all(['a', 'b'].map((name) => events.list(name, signal)));
  expect({ lists, first: asked[0], most: most() }).toEqual({ lists: [[], []], first: ofPods, most: 1 });
});

test('a list shows what exists when it begins', async () => {
  const { asked, events, most, signal } = await startApi();
  const first = events.list('a', signal);
  await waitFor('the first list', () => asked.length === 1);
  await Promise.all([first, events.list('a', signal)]);
  expect({ asked, most: most() }).toEqual({
    asked: [`${ofPods},involvedObject.name=a`, `${ofPods},involvedObject.name=a`],
    most: 1,
  });
});

test('whoever no longer waits makes no request, and waits for none', async () => {
  const { asked, events, signal } = await startApi();
  const first = events.list('a', signal);
  await waitFor('the first list', () => asked.length === 1);
  const abort = new AbortController();
  const second = events.list('b', abort.signal);
  abort.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  await first;
  await events.list('c', signal);
  expect(asked.map((selector) => selector?.at(-1))).toEqual(['a', 'c']);
});

test('each gets the events of its Pod from a list of all', async () => {
  const { api, client, signal } = await testKubernetes();
  for (let count = 0; count < 1200; count++) {
    api.put('/api/v1/namespaces/runner/events', {
      metadata: { name: `e${count}` },
      ...{ involvedObject: { kind: 'Pod', name: `pod-${count % 400}` }, reason: 'Started' },
    });
  }
  const events = new PodEvents(client, signal);
  const names = ['pod-0', 'pod-399', 'pod-400'];
  const lists = await Promise.all(names.map((name) => events.list(name, signal)));
  const found = lists.map((list) => list.map(({ metadata }) => metadata.name));
  expect(found).toEqual([['e0', 'e400', 'e800'], ['e399', 'e799', 'e1199'], []]);
  expect(api.requests).toHaveLength(3);
});

test('no more events about a Pod are kept than there can be', async () => {
  const { api, client, signal } = await testKubernetes();
  for (let count = 0; count < 1100; count++) {
    api.put('/api/v1/namespaces/runner/events', {
      metadata: { name: `e${count}` },
      ...{ involvedObject: { kind: 'Pod', name: 'pod-a' } },
    });
  }
  expect(await new PodEvents(client, signal).list('pod-a', signal)).toHaveLength(1000);
});
